import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Latencies } from './latencies.ts'
import { Waits } from './waits.ts'

describe('waits', () => {
  it('count those that are answered, those that fail, and those that have no answer when the window shuts', async () => {
    const latencies = new Latencies('ms')
    const waits = new Waits(latencies)
    const now = performance.now()
    const late = Promise.withResolvers<void>()
    waits.follow(now - 100, Promise.resolve())
    waits.follow(now - 200, Promise.reject(new Error('refused')))
    waits.follow(now - 5_000, late.promise)
    await nextTurn()
    expect(waits).toMatchObject({ answered: 1, failed: 1, open: 1 })
    expect(waits.shut()).toBe(1)
    expect(latencies.max().value).toBeGreaterThanOrEqual(5_000)
    expect(latencies.mean().value).toBeGreaterThanOrEqual((100 + 200 + 5_000) / 3)
    expect(() => waits.assertNoneFailed()).toThrow('refused')
  })

  it('count an answer that comes after the window no more', async () => {
    const latencies = new Latencies('ms')
    const waits = new Waits(latencies)
    const late = Promise.withResolvers<void>()
    waits.follow(performance.now(), late.promise)
    waits.shut()
    latencies.reset()
    late.resolve()
    await nextTurn()
    expect(waits.answered).toBe(0)
    expect(latencies.max().value).toBe(0)
    expect(() => waits.assertNoneFailed()).not.toThrow()
  })
})
