import { clockLimits } from '../limits.ts'

/**
 * The time that times far ahead are set back to, by the clock at the start and the clock now, in milliseconds since 1970; undefined
 * where the clock itself is behind. Many small machines begin in 1970 and learn the time later: set by such a clock, all that was
 * known would be of 1970, and forgotten for that at the next start.
 */
export function soundTime(openedAt: number, clockMs: number): number | undefined {
  const now = Math.max(openedAt, clockMs)
  return now < clockLimits.soundFromMs ? undefined : now
}

/** What is later than this came from a clock that was ahead. */
export const aheadOf = (now: number): number => now + clockLimits.aheadMsMax
