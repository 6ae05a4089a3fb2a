// Promise 15: numbers of reads begin anew after two billion, and an interrupt still hits the one that is meant. The bound is
// lowered here, so that the test comes to it.
import { expect, it, vi } from 'vitest'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { readsMoveMs } from '../limits.ts'

const max = vi.hoisted(() => 200)

vi.mock('../interrupts/work-gate.ts', async (original) => ({ ...(await original<object>()), workMax: max }))

it('no number is over the bound, and none is given twice in one message, wherever they begin anew', async () => {
  const hits: (string | undefined)[] = []
  const played = new PlayedReaders({
    readers: { interactive: 1, background: 0 },
    interrupter: { interrupt: () => hits.push(played.threads[0]?.reading) > 0 },
  })
  const [thread] = played.threads
  for (let message = 0; message < 60; message++) {
    if (message % 7 === 0) {
      const stream = played.stream()
      await played.turn()
      thread?.reply({ done: true })
      await stream.next()
    }
    const aborting = new AbortController()
    const labels = Array.from({ length: 1 + (message % 9) }, (_, at) => `${message}.${at}`)
    const taken = labels.at(-1)
    for (const label of labels) played.submit(label, label === labels[0] ? { signal: aborting.signal } : {})
    await played.turn()
    const number = thread?.numbers.at(-1) ?? 0
    expect(number).toBeGreaterThan(0)
    expect(number + labels.length - 1).toBeLessThanOrEqual(max)
    thread?.begin()
    aborting.abort()
    if (message % 2 === 0) played.clock.advance(readsMoveMs)
    while (played.answered.at(-1) !== taken && labels.length > 1) {
      thread?.answer()
      await played.turn()
    }
    if (labels.length === 1) thread?.answer()
  }
  expect(new Set(hits)).toEqual(new Set(Array.from({ length: 60 }, (_, message) => `${message}.0`)))
  expect(thread?.numbers.filter((number) => number === 1).length).toBeGreaterThan(1)
  expect(played.failures()).toEqual(Array.from({ length: 60 }, (_, message) => `${message}.0: aborted`))
})
