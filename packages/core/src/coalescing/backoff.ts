export interface BackoffLimits {
  readonly backoffMsFirst: number
  readonly backoffMsMax: number
}

/**
 * How long to pause after so many failures in a row, in milliseconds: doubling from the first pause up to a cap, and
 * never shorter than what the refusal itself asked for (the cap holds for that too).
 */
export function backoffMs(failures: number, limits: BackoffLimits, retryAfterMs = 0): number {
  const doubled = limits.backoffMsFirst * 2 ** Math.min(failures - 1, 30)
  return Math.min(Math.max(doubled, retryAfterMs), limits.backoffMsMax)
}
