import type { SignalsState } from '../engine/signals.ts'
import type { ErrorWire } from '../errors/wire.ts'
import type { JobState } from '../jobs/job-state.ts'
import type { CopyCheck } from '../maintenance/check-copy.ts'
import type { CopyNotice } from '../maintenance/run-backup.ts'
import type { Migration } from '../migrations/migration.ts'
import type { ProcedureKinds, ProcedureUrls } from '../procedures/load.ts'
import type { FromReader, ToReader } from '../readers/thread-reader.ts'
import type { CheckpointRun, LogSize } from '../wal/checkpoint.ts'
import type { FinishOrder } from '../wal/finish.ts'
import type { Checkpoints } from '../wal/options.ts'
import type { Batch, BatchAnswers } from '../writer/batch.ts'
import type { BulkChunk } from '../writer/bulk.ts'
import type { CommitRecord } from '../writer/commit-record.ts'
import type { Durability } from '../writer/durability.ts'
import type { FileMark } from '../writer/open-files.ts'
import type { OutsideChange } from '../writer/outside-watch.ts'
import type { ThreadProfile } from './profile-reporter.ts'

/** What each kind of thread is started with. Everything here is plain data, so that another engine can stand behind it. */
export interface WriterThreadData {
  readonly file: string
  /** Which file that was when it was opened, if it was: another one must be refused. */
  readonly opened: FileMark | undefined
  /** Names this opening in the file's commit records; the same after a restart of the thread. */
  readonly session: string
  readonly migrations: readonly Migration[]
  readonly procedures: ProcedureUrls
  /** Module of the app's connection set-up. */
  readonly connection: string | undefined
  readonly durability: Durability
  readonly checkpoints: Checkpoints
  readonly control: SharedArrayBuffer
  /** A sync has failed: what is in the log must be copied into the file before anything is built upon it. */
  readonly renewLog: boolean
  /** Whether to look for the signals extension. */
  readonly signals: boolean
}

export interface ReaderThreadData {
  readonly file: string
  /** Which file that was when it was opened: from another one reads would be wrong. */
  readonly opened: FileMark | undefined
  readonly procedures: ProcedureUrls
  /** Module of the app's connection set-up. */
  readonly connection: string | undefined
  /** Whether the thread gives way to others where the system can: for readers of the background class. */
  readonly yieldsCpu: boolean
  /** Says which read runs; see `WorkGate`. */
  readonly gate: SharedArrayBuffer
  /** Whether to look for the signals extension. */
  readonly signals: boolean
}

/** For the thread that copies the log into the file, beside the writer. */
export interface CheckpointerThreadData {
  readonly file: string
  /** Which file that was when it was opened: our log must not be copied into another one. */
  readonly opened: FileMark | undefined
}

export type ToCheckpointerThread = { readonly type: 'copy' } | { readonly type: 'leave' }

export type FromCheckpointerThread =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly error: ErrorWire }
  | { readonly type: 'copied'; readonly result: CheckpointRun }

export type ToWriterThread =
  | { readonly type: 'batch'; readonly batch: Batch }
  /** Rows of a bulk write, ahead of it. */
  | { readonly type: 'rows'; readonly bulk: number; readonly chunk: BulkChunk }
  /** A bulk write has its outcome: its rows are no longer needed. */
  | { readonly type: 'forget'; readonly bulk: number }
  /** Between two batches: copy the rest of the log. */
  | { readonly type: 'finish-log'; readonly order: FinishOrder }
  /** Copy the database into a new file; and give that up. */
  | { readonly type: 'backup'; readonly id: number; readonly file: string }
  | { readonly type: 'backup.cancel' }
  | { readonly type: 'leave' }

export type FromWriterThread =
  | { readonly type: 'migrating'; readonly name: string; readonly done: number; readonly total: number }
  | {
      readonly type: 'ready'
      readonly signals: SignalsState
      readonly sqlite: string
      readonly last: CommitRecord
      readonly procedures: ProcedureKinds
      readonly unfinishedJobs: readonly JobState[]
    }
  | { readonly type: 'refused'; readonly error: ErrorWire }
  | { readonly type: 'answers'; readonly answers: BatchAnswers; readonly log: LogSize | undefined }
  | { readonly type: 'log-finished'; readonly result: CheckpointRun }
  | { readonly type: 'changed-outside'; readonly change: OutsideChange }
  | { readonly type: 'backup'; readonly id: number; readonly notice: CopyNotice }
  | ThreadProfile

export type ToReaderThread = ToReader | { readonly type: 'leave' }

export type FromReaderThread =
  | { readonly type: 'ready'; readonly signals: SignalsState }
  | ThreadProfile
  | { readonly type: 'refused'; readonly error: ErrorWire }
  | FromReader

/** Checks a backup's copy, and ends. */
export interface CopyCheckThreadData {
  readonly file: string
  /** Module of the app's connection set-up. */
  readonly connection: string | undefined
}

export type FromCopyCheckThread =
  | { readonly type: 'checked'; readonly check: CopyCheck }
  | { readonly type: 'refused'; readonly error: ErrorWire }

/** The first message of every thread, whatever its kind: it has loaded SQLite’s binding. See `Ending`. */
export const loadedMessage = 'loaded'

/** Which messages go where, by kind of thread. */
export interface ThreadKinds {
  readonly writer: { data: WriterThreadData; to: ToWriterThread; from: FromWriterThread }
  readonly reader: { data: ReaderThreadData; to: ToReaderThread; from: FromReaderThread }
  readonly checkpointer: {
    data: CheckpointerThreadData
    to: ToCheckpointerThread
    from: FromCheckpointerThread
  }
  readonly 'copy-check': { data: CopyCheckThreadData; to: never; from: FromCopyCheckThread }
}
