import type { WriteWork } from '../writer/batch.ts'

/** Which checkpoint: copy what can be copied now, or, where nobody is in the way, empty the log as well. */
export type CheckpointMode = 'passive' | 'truncate'

/** Work on the file itself, by the connection that writes. */
export type MaintenanceTask =
  | { readonly name: 'checkpoint'; readonly mode: CheckpointMode }
  | { readonly name: 'optimize' }
  | { readonly name: 'vacuum' }
  /** Nothing but a commit, to see how long one takes. */
  | { readonly name: 'probe' }

/** What a checkpoint came to. A frame of the log is one changed page. */
export interface CheckpointResult {
  readonly mode: CheckpointMode
  /** Frames in the log, before it was emptied, and those of them that are in the database file now. */
  readonly frames: number
  readonly copied: number
  /** Whether the log is empty now: its file has no bytes. */
  readonly emptied: boolean
  readonly ms: number
}

export interface OptimizeResult {
  /** The statements that were run, most often none: `ANALYZE "main"."notes"`. */
  readonly statements: readonly string[]
  readonly ms: number
}

export interface VacuumResult {
  /** The database's size by its own count. Its file follows with the next checkpoint that copies all of the log. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly ms: number
}

export interface ProbeResult {
  /** When it ran, with the write lock held: milliseconds since 1970, with fractions. */
  readonly ranAtMs: number
}

/** What each task answers. */
export interface MaintenanceResults {
  readonly checkpoint: CheckpointResult
  readonly optimize: OptimizeResult
  readonly vacuum: VacuumResult
  readonly probe: ProbeResult
}

/** Whether work makes a batch of its own, outside a transaction: in one, SQLite refuses VACUUM and checkpoints. */
export const isSolo = (work: WriteWork): boolean => work.kind === 'maintenance' && work.task.name !== 'probe'

/** Milliseconds since 1970, with fractions, on a clock that threads share: `performance.now()` alone starts anew in each. */
export const sharedNowMs = (): number => performance.timeOrigin + performance.now()
