import { restart } from '../limits.ts'

/** How often a thread has died of late. */
export interface RestartHistory {
  readonly times: number
  readonly lastAtMs: number
}

export const noRestarts: RestartHistory = { times: 0, lastAtMs: Number.NEGATIVE_INFINITY }

/** Counts one more death; a thread that lived calmly for a while starts afresh. */
export function afterDeath({ times, lastAtMs }: RestartHistory, nowMs: number): RestartHistory {
  return { times: nowMs - lastAtMs > restart.calmMs ? 1 : times + 1, lastAtMs: nowMs }
}

/** Counts a death that may be followed by another try, however many there were. */
export function lastRestart(history: RestartHistory, nowMs: number): RestartHistory {
  const after = afterDeath(history, nowMs)
  return { ...after, times: Math.min(after.times, restart.timesMax) }
}

/** Whether another thread may be tried. */
export const mayRestart = ({ times }: RestartHistory): boolean => times <= restart.timesMax

/** How long to wait first: doubles with each death in a row. */
export const restartPauseMs = ({ times }: RestartHistory): number =>
  Math.min(restart.longestMs, restart.firstMs * 2 ** Math.max(0, times - 1))
