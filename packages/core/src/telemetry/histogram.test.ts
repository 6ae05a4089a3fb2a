// Issue 8: percentiles by a histogram that keeps two digits, in bounded memory.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

const durations = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 300 })

describe('a histogram', () => {
  it('tells every percentile to within a hundredth, or the half microsecond that it rounds by', () => {
    fc.assert(
      fc.property(durations, (all) => {
        const histogram = new Histogram()
        for (const us of all) histogram.record(us / 1_000)
        const sorted = all.toSorted((one, other) => one - other)
        const exact = (share: number): number => (sorted[Math.ceil(all.length * share) - 1] ?? 0) / 1_000
        const { p50Ms, p90Ms, p99Ms, maxMs, count } = histogram.toJSON()
        expect([count, maxMs]).toEqual([all.length, exact(1)])
        for (const [told, share] of [
          [p50Ms, 0.5],
          [p90Ms, 0.9],
          [p99Ms, 0.99],
        ] as const)
          expect(Math.abs(told - exact(share))).toBeLessThanOrEqual(exact(share) / 100 + 0.0005)
      }),
      seeded('histogram against a sorted list', 300),
    )
  })

  it('takes no memory before the first duration, and the same after any', () => {
    const histogram = new Histogram()
    expect([histogram.bytes, histogram.toJSON().maxMs]).toEqual([0, 0])
    histogram.record(0)
    const { bytes } = histogram
    for (const ms of [-1, 0.0001, 1, 3_600_000, 1e12]) histogram.record(ms)
    expect([histogram.bytes, histogram.count, histogram.maxMs]).toEqual([bytes, 6, 1e12])
    expect(bytes).toBeLessThan(8_192)
  })
})
