import type { Measurement } from '../../trials/trial.ts'

/** What the least served got of what the best served got: 100 % if all got the same. */
export function evennessOf(counts: readonly number[]): Measurement {
  return { value: (Math.min(...counts) / Math.max(...counts)) * 100, unit: '%' }
}
