// Issue 8, a subscription with bounded rate: a listener gets reports no faster than it asks, a slow or broken one harms nobody.
import { type SimulatedClock, simulatedClock } from '@lockkeeper/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Report } from './report.ts'
import { ReportWatches } from './report-watches.ts'

/** Until promises that can go on have gone on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let made = 0
let clock: SimulatedClock
const watchesOn = (): ReportWatches => {
  made = 0
  clock = simulatedClock()
  return new ReportWatches(clock, () => ({ batches: ++made }) as Report)
}

afterEach(() => {
  expect(clock.timers).toBe(0)
  vi.restoreAllMocks()
})

describe('watching the report', () => {
  it('tells at once, and then after each pause', async () => {
    const told: number[] = []
    const stop = watchesOn().add(({ batches }) => told.push(batches), { everyMs: 100 })
    expect(told).toEqual([])
    clock.advance(0)
    await turn()
    clock.advance(99)
    await turn()
    expect(told).toEqual([1])
    clock.advance(1)
    await turn()
    expect(told).toEqual([1, 2])
    stop()
    clock.advance(1_000)
    await turn()
    expect(told).toEqual([1, 2])
  })

  it('makes no report for a listener that is at the last one still, and none beside after', async () => {
    const gate = Promise.withResolvers<void>()
    const listener = vi.fn(() => gate.promise)
    const stop = watchesOn().add(listener, { everyMs: 100 })
    clock.advance(5_000)
    await turn()
    expect([listener.mock.calls.length, made]).toEqual([1, 1])
    gate.resolve()
    await turn()
    clock.advance(100)
    expect([listener.mock.calls.length, made]).toEqual([2, 2])
    stop()
    await turn()
  })

  it('warns of a listener that throws or rejects, once until it is well again, and goes on with it and with others', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const watches = watchesOn()
    const does = [
      () => {
        throw new Error('broken')
      },
      () => Promise.reject(new Error('broken')),
      () => undefined,
      () => Promise.reject(new Error('again')),
    ]
    let calls = 0
    watches.add(() => does[calls++]?.(), { everyMs: 100 })
    const other = vi.fn()
    watches.add(other, { everyMs: 100 })
    for (let n = 0; n < 4; n++) {
      clock.advance(n === 0 ? 0 : 100)
      await turn()
    }
    expect([calls, other.mock.calls.length]).toEqual([4, 4])
    expect(warn.mock.calls.map(([warning]) => (warning as Error).message)).toEqual(['broken', 'again'])
    watches.close()
  })

  it('ends for all when the database has closed, and takes nobody in any more', async () => {
    const watches = watchesOn()
    const late = vi.fn()
    watches.add(late)
    watches.close()
    clock.advance(5_000)
    await turn()
    expect([late.mock.calls.length, made]).toEqual([0, 0])
    expect(() => watches.add(late)).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  it('can be ended from inside', async () => {
    let told = 0
    const stop = watchesOn().add(() => {
      told++
      stop()
    })
    clock.advance(5_000)
    await turn()
    clock.advance(5_000)
    expect(told).toBe(1)
  })

  it('refuses a pause below a tenth of a second, and what is no function', () => {
    const watches = watchesOn()
    const invalid = expect.objectContaining({ code: 'invalid-argument' })
    for (const everyMs of [99, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => watches.add(() => {}, { everyMs })).toThrow(invalid)
    expect(() => watches.add(undefined as never)).toThrow(invalid)
  })
})
