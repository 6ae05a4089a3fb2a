// Promise 15: work that is cut off is interrupted until it has ended, since SQLite forgets an interrupt that comes between two
// statements; and only while it runs.
import { simulatedClock } from '@lockkeeper/testkit'
import { expect, it } from 'vitest'
import { CutOff } from './cut-off.ts'
import { WorkGate } from './work-gate.ts'

const play = () => {
  const gate = new WorkGate()
  const clock = simulatedClock()
  const hits: string[] = []
  const interrupter = {
    interrupt: (connection: number) => hits.push(`${connection} at ${clock.now()}`) > 0,
  }
  const cutOff = () => new CutOff({ gate, work: 3, connection: 7, interrupter, clock })
  return { gate, clock, hits, cutOff }
}

it('work that is cut off is interrupted at once, then again after growing pauses, until it is answered', () => {
  const { gate, clock, hits, cutOff } = play()
  gate.enter(3)
  const cutting = cutOff()
  expect(hits).toEqual(['7 at 0'])
  clock.advance(50)
  expect(hits).toEqual([0, 2, 6, 14, 30, 46].map((ms) => `7 at ${ms}`))
  cutting.answered()
  clock.advance(1_000)
  expect([hits.length, clock.timers]).toEqual([6, 0])
})

it('work that has not begun is not interrupted before it has, nor once it has given way to another', () => {
  const { gate, clock, hits, cutOff } = play()
  gate.enter(2)
  const cutting = cutOff()
  clock.advance(10)
  expect(hits).toEqual([])
  gate.enter(3)
  clock.advance(4)
  expect(hits).toEqual(['7 at 14'])
  gate.enter(4)
  clock.advance(100)
  expect(hits).toEqual(['7 at 14'])
  cutting.answered()
})
