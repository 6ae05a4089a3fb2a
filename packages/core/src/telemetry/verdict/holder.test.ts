import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { situation } from '../../../fixtures/situations/build.ts'
import type { Durations } from '../ledger-report.ts'
import { diagnose } from './diagnose.ts'
import { timeInLongHolds } from './holder.ts'
import { longHoldMs } from './thresholds.ts'

function summary(holds: readonly number[]): Durations {
  const sorted = holds.toSorted((one, other) => one - other)
  const quantile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return {
    count: holds.length,
    totalMs: holds.reduce((all, ms) => all + ms, 0),
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p99Ms: quantile(0.99),
    maxMs: sorted.at(-1) ?? 0,
  }
}

describe('the time in long holds, by quantiles', () => {
  it('is never more than it was: nobody is called a holder for holds that were short', () => {
    const hold = fc.oneof(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 500 }))
    fc.assert(
      fc.property(fc.array(hold, { minLength: 1, maxLength: 300 }), (holds) => {
        const long = holds.filter((ms) => ms >= longHoldMs).reduce((all, ms) => all + ms, 0)
        expect(timeInLongHolds(summary(holds))).toBeLessThanOrEqual(long + 1e-6)
      }),
      seeded('time in long holds', 2_000),
    )
  })

  it('is most of it where most of them are long', () => {
    const holds = summary(Array.from({ length: 100 }, (_, at) => (at < 20 ? 2 : 150)))
    expect(timeInLongHolds(holds) / holds.totalMs).toBeGreaterThan(0.8)
  })
})

/** Somebody saves while an import holds. */
const beside = (hold: number, waits: number, waitMs: number): string[] =>
  diagnose(
    situation({
      writes: {
        import: { lane: 'sync', committed: 900, hold: [hold, hold, hold, hold] },
        'notes.save': {
          committed: waits,
          wait: [waitMs, waitMs, waitMs, waitMs],
          hold: [1, 1, 1, 1],
          waitedFor: { import: 1 },
        },
      },
    }),
  ).map(({ kind }) => kind)

describe('the thresholds', () => {
  it('of a long hold: 20 ms, four slices', () => {
    expect(beside(20, 100, 60)).toEqual(['holder', 'victim'])
    expect(beside(19, 100, 60)).toEqual(['victim'])
  })

  it('of suffering: 50 ms at the p99, 20 waits, a second in all', () => {
    expect(beside(150, 20, 50)).toEqual(['holder', 'victim'])
    expect(beside(150, 100, 49)).toEqual([])
    expect(beside(150, 19, 60)).toEqual([])
    expect(beside(150, 20, 49)).toEqual([])
  })
})
