import type { WriteOptions } from '../database/types.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { Health, HealthOptions } from './health.ts'
import type { CheckpointMode, CheckpointResult, OptimizeResult, VacuumResult } from './task.ts'

/** What a maintenance call may say. It rides the `background` lane unless told otherwise. */
export type MaintenanceOptions = Pick<WriteOptions, 'lane' | 'label' | 'deadlineMs' | 'signal' | 'after'>

export interface CheckpointOptions extends MaintenanceOptions {
  /** `passive` copies what can be copied; `truncate`, the default, then empties the log if that was all of it. */
  readonly mode?: CheckpointMode | undefined
}

export interface BackupProgress {
  /** What is done now: `checking` begins when the copy is complete. Writes acknowledged by then are in it, later ones are not. */
  readonly phase: 'copying' | 'checking'
  readonly pagesDone: number
  /** Grows with the database. */
  readonly pagesTotal: number
}

export interface BackupOptions {
  /** Told now and then, and when the checking begins. What it throws ends the backup. */
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined
  /** Replaces a file that stands at the target already, at the end and in one go. Default false: it is left alone. */
  readonly overwrite?: boolean | undefined
  /** Ends the backup, whatever it is at. */
  readonly signal?: AbortSignal | undefined
  /** How long it may take in all, in milliseconds. Default: no limit. */
  readonly deadlineMs?: number | undefined
  /** The caller's name for it, on errors. Default `lockkeeper.backup`. */
  readonly label?: string | undefined
}

export interface BackupResult {
  /** The target's absolute path. */
  readonly file: string
  readonly pages: number
  readonly bytes: number
  /** How often the copy was begun anew, because another process had written. */
  readonly restarts: number
  readonly ms: number
}

/** Work on the file itself. */
export interface MaintenanceCalls {
  /**
   * Copies the write-ahead log into the database file, and by default empties it if nobody is in the way. Never waits for a
   * reader; what is left is left. While another checkpoint runs it waits its turn, as a write waits for the lock.
   *
   * @example
   * const { emptied } = await db.checkpoint()
   */
  checkpoint(options?: CheckpointOptions): Ticket<CheckpointResult>

  /** Lets SQLite renew its statistics where that might help its plans; cheap where nothing has changed. Once a day is often. */
  optimize(options?: MaintenanceOptions): Ticket<OptimizeResult>

  /**
   * Builds the database anew without its free pages. One indivisible piece of work: every writer waits for as long as it takes,
   * which is the caller's choice to make, and for its length the log and the disk's temporary folder grow by the size of the
   * database. Reads go on.
   */
  vacuum(options?: MaintenanceOptions): Ticket<VacuumResult>

  /**
   * Copies the database to another file while it is written and read: in small steps between other work, checked before it gets
   * its name. The copy is one file, complete and synced, of one moment; an interrupted backup leaves nothing at the target.
   *
   * @example
   * await db.backup('backups/monday.db', { onProgress: ({ pagesDone, pagesTotal }) => bar(pagesDone / pagesTotal) })
   *
   * @throws LockkeeperError `file-exists`, `backup-running`, `backup-overtaken`, `backup-damaged`, `backup-failed`, `cannot-open`,
   * `aborted`, `deadline-exceeded`, `thread-lost`, `writer-stopped`, `closed`, and SQLite's, such as `sqlite-full`.
   */
  backup(file: string, options?: BackupOptions): Promise<BackupResult>

  /**
   * Writes and reads for real, and says in plain words what is slow. Never rejects: a database that cannot be written or read is
   * an answer, too.
   *
   * @example
   * const { ok, slow } = await db.health()
   * response.writeHead(ok ? 200 : 503).end(slow.join('\n'))
   */
  health(options?: HealthOptions): Promise<Health>
}
