import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DueArrivals } from './due-arrivals.ts'

describe('arrivals', () => {
  it('all come, however late the thread is, and know when they were due', async () => {
    const came: { readonly dueMs: number; readonly atMs: number }[] = []
    const startedAt = performance.now()
    const arrivals = new DueArrivals({
      perSecond: 2_000,
      seed: 3,
      arrive: (dueMs) => came.push({ dueMs, atMs: performance.now() }),
    })
    while (performance.now() < startedAt + 100); // the thread is busy: nobody can be let in
    while (came.length < 400) await nextTurn()
    arrivals.stop()
    const count = came.length
    await nextTurn()
    expect(came).toHaveLength(count)
    for (const { dueMs, atMs } of came) expect(dueMs).toBeLessThanOrEqual(atMs)
    // Those of the busy time had been due long before they came.
    expect(came.filter(({ dueMs, atMs }) => atMs - dueMs > 20).length).toBeGreaterThan(50)
    const spanMs = (came.at(-1)?.dueMs ?? 0) - startedAt
    expect(count / spanMs).toBeGreaterThan(1)
    expect(count / spanMs).toBeLessThan(4)
  })
})
