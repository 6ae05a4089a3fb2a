// The clock that the tests of deadlines rest on: time passes only when told to, and timers fire in its order.
import { describe, expect, it } from 'vitest'
import { simulatedClock } from './simulated-clock.ts'

describe('simulated clock', () => {
  it('stands still, then fires what fell due, in the order of the times', () => {
    const clock = simulatedClock(100)
    const { setTimeout: after } = clock
    const fired: string[] = []
    after(() => fired.push(`late at ${clock.now()}`), 20)
    after(() => fired.push(`early at ${clock.now()}`), 10)
    after(() => fired.push('never'), 31)
    expect(fired).toEqual([])
    clock.advance(30)
    expect(fired).toEqual(['early at 110', 'late at 120'])
    expect(clock.now()).toBe(130)
    expect(clock.timers).toBe(1)
  })

  it('fires what a timer sets, if that falls due too, and nothing that was cleared', () => {
    const clock = simulatedClock()
    const { setTimeout: after } = clock
    const fired: number[] = []
    const again = (): void => {
      fired.push(clock.now())
      after(again, 10)
    }
    after(again, 10)
    clock.clearTimeout(after(() => fired.push(-1), 5))
    clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
  })
})
