import type { WriterControl } from '../writer/control.ts'
import type { CheckpointRun, Checkpoints } from './checkpoint.ts'

/** How long the writer is to try, and whether to cut the file. */
export interface FinishOrder {
  readonly truncate: boolean
  readonly waitMs: number
}

/** Between two looks whether those who read the log have ended. */
const lookMs = 0.5

/**
 * On the writer's connection, between two batches: copies what is left of the log, so that nothing can be written meanwhile, and
 * waits a moment for those who still read it. Whoever begins to read after all is copied reads the file and is not in the way
 * (https://sqlite.org/walformat.html#locks), so that short reads are over soon, however many come.
 */
export function finishLog(
  checkpoints: Checkpoints,
  control: Pick<WriterControl, 'pause' | 'leaveWanted'>,
  { truncate, waitMs }: FinishOrder,
): CheckpointRun {
  const startedAt = performance.now()
  for (;;) {
    const result = checkpoints.run(truncate ? 'truncate' : 'restart')
    const ms = performance.now() - startedAt
    if (result.beginsAnew || result.error !== undefined || ms >= waitMs || control.leaveWanted)
      return { ...result, ms }
    control.pause(lookMs)
  }
}
