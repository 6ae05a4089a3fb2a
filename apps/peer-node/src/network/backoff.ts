export interface BackoffLimits {
  readonly msMin: number
  readonly msMax: number
}

/**
 * How long to wait after so many failures in a row: it doubles from `msMin` to `msMax`, and lies anywhere in the upper half
 * of that, so that peers that lost each other at once do not meet at once again.
 * @param random from 0 to 1, as `Math.random()` gives it.
 */
export function backoffMs(failures: number, { msMin, msMax }: BackoffLimits, random: number): number {
  const whole = Math.min(msMax, msMin * 2 ** Math.min(failures - 1, 30))
  return Math.round(whole * (0.5 + random / 2))
}
