import {
  backupLastQuietMs,
  backupPauseMs,
  backupQuietMs,
  backupStepMs,
  backupStepPagesMax,
} from './limits.ts'

/** What the writer's thread knows between two steps of a backup. Times in milliseconds, on one clock. */
export interface CopyMoment {
  readonly nowMs: number
  readonly lastStepAtMs: number
  /** When the last batch ended. */
  readonly lastWorkAtMs: number
  /** A batch has been sent that has not run yet. */
  readonly isWorkPosted: boolean
  /** What was copied is on its way to the disk. */
  readonly isSyncing: boolean
  /** The next step is the last one, which takes longer than the others and may wait for a quiet moment. */
  readonly awaitsQuiet: boolean
  /** After so long without a step one is taken in any case. */
  readonly hungryMs: number
}

/** Copy some pages, or see to other work first, after waiting for it so long. */
export type CopyMove = 'step' | { readonly waitMs: number }

/**
 * Whether a backup may take its next step. Batches go first, and whoever got an answer is given a moment to write again; but
 * where work never ends a step is taken now and then all the same, or the backup would never be done.
 */
export function nextMove(moment: CopyMoment): CopyMove {
  const { nowMs, lastStepAtMs, lastWorkAtMs, awaitsQuiet } = moment
  const quietMs = awaitsQuiet ? backupLastQuietMs : backupQuietMs
  const mayStep = !moment.isSyncing
  if (mayStep && !awaitsQuiet && nowMs - lastStepAtMs >= moment.hungryMs) return 'step'
  if (moment.isWorkPosted) return { waitMs: 0 }
  if (!mayStep) return { waitMs: backupPauseMs }
  const restMs = Math.max(quietMs - (nowMs - lastWorkAtMs), backupPauseMs - (nowMs - lastStepAtMs))
  return restMs > 0 ? { waitMs: restMs } : 'step'
}

/**
 * How many pages the next step may copy, so that it stays within its time: after how long the last one took. Down at once, up
 * by doubling, since one page from a slow disk can take as long as a thousand from memory.
 */
export function nextPages(pages: number, tookMs: number): number {
  const fitting = tookMs > 0 ? Math.floor((pages * backupStepMs) / tookMs) : backupStepPagesMax
  return Math.max(1, Math.min(fitting, pages * 2, backupStepPagesMax))
}
