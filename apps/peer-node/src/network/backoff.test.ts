import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const limits = { msMin: 250, msMax: 30_000 }

test('a pause doubles, and never leaves its bounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const ms = backoffMs(failures, limits, random)
        expect(ms).toBeGreaterThanOrEqual(limits.msMin / 2)
        expect(ms).toBeLessThanOrEqual(limits.msMax)
      },
    ),
  )
  expect([1, 2, 3, 20].map((failures) => backoffMs(failures, limits, 1))).toEqual([250, 500, 1_000, 30_000])
})
