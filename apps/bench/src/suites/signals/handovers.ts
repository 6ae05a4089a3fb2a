// From what each contender saw to what waiting for one another cost. Pure: logs in, times out.

/** One transaction as its own process saw it, by the monotonic clock that all processes share. */
export interface Hold {
  readonly holder: number
  /** BEGIN IMMEDIATE was called. */
  readonly beganAtMs: number
  /** BEGIN IMMEDIATE returned. */
  readonly acquiredAtMs: number
  /** COMMIT was called. */
  readonly committingAtMs: number
  /** COMMIT returned. */
  readonly releasedAtMs: number
}

/** What came of the releases that somebody waited for. */
export interface Handovers {
  /** From COMMIT's return to BEGIN's in the process that was waiting, in milliseconds; in the order of the releases. */
  readonly latenciesMs: readonly number[]
  /** How many of these had the lock before COMMIT returned where it was released; their latency is 0. */
  readonly early: number
  /** Releases after which the lock went to a process that had not waited, past one that had. */
  readonly overtaken: number
}

/**
 * Pairs each release with who had the lock next. Of two holders, the one whose BEGIN returned first held it first: the other's
 * BEGIN could not return before the first one's COMMIT was called. COMMIT's return and the next BEGIN's may come in any order.
 *
 * A release counts if another process was waiting when COMMIT was called; what nobody waited for is no handover.
 * @param logs the transactions of each process.
 * @param shutsAtMs the end of the window: later ones meet contenders that have left already.
 */
export function handoversIn(
  logs: readonly (readonly Hold[])[],
  { opensAtMs, shutsAtMs }: { readonly opensAtMs: number; readonly shutsAtMs: number },
): Handovers {
  const holds = logs.flat().sort((a, b) => a.acquiredAtMs - b.acquiredAtMs)
  const latenciesMs: number[] = []
  let [early, overtaken] = [0, 0]
  for (const [index, hold] of holds.entries()) {
    const next = holds[index + 1]
    if (next === undefined || hold.releasedAtMs < opensAtMs || next.acquiredAtMs > shutsAtMs) continue
    const hasWaited = ({ holder, beganAtMs }: Hold): boolean =>
      holder !== hold.holder && beganAtMs < hold.committingAtMs
    if (hasWaited(next)) {
      const latencyMs = next.acquiredAtMs - hold.releasedAtMs
      if (latencyMs < 0) early++
      latenciesMs.push(Math.max(0, latencyMs))
    } else if (holds.slice(index + 2).some(hasWaited)) overtaken++
  }
  return { latenciesMs, early, overtaken }
}
