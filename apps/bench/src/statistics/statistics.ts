/** Median, and how far the trials lay apart. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @throws RangeError if there is nothing to judge. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('A median needs at least one value')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] as number
  const lower = sorted[Math.ceil(middle) - 1] as number
  return { median: (lower + upper) / 2, min: sorted[0] as number, max: sorted.at(-1) as number }
}
