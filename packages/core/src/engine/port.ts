import type { SetupFunction } from '../procedures/connection-setup.ts'
import type { Changes, SqlParameters } from '../procedures/define.ts'
import type { CheckpointRun } from '../wal/checkpoint.ts'
import type { ConnectionSignals, SignalsSource, SignalsState } from './signals.ts'

/**
 * What Lockkeeper asks of an embedded database: synchronous, inside one thread. better-sqlite3 stands behind it; another
 * embedded engine could.
 */
export interface Engine {
  /** Loads what it needs to open anything, in this thread. */
  load(): void
  /** Opens the one connection that writes. Creates the file unless it exists. */
  openWriter(file: string, options: WriterOptions): Connection
  /** Opens a connection that cannot write. The file must exist. */
  openReader(file: string, options?: ReaderOptions): Connection
  /** Opens a connection that copies the log into the file and does nothing else. The file must exist. */
  openCheckpointer(file: string): Checkpointer
  /** Opens a connection that changes nothing and runs our own statements only. The file must exist. */
  openInspector(file: string, options: InspectorOptions): Connection
}

export interface Checkpointer {
  /** A passive checkpoint: copies what it can, and waits for nobody. */
  copy(): CheckpointRun
  close(): void
}

export interface InspectorOptions {
  /**
   * Whether a log or journal lies beside the file. Where none does it is opened for writing and told to query only: SQLite makes a
   * log to read a file in WAL mode, and only a connection that may write takes it away again.
   */
  readonly hasLog: boolean
  /** Longest wait for a lock, in milliseconds. */
  readonly busyMs: number
}

export interface ReaderOptions {
  /** The app's own set-up, run before anything else uses the connection. */
  readonly setup?: SetupFunction | undefined
  /** Where the signals extension is. Left out for a connection that only has a quick look. */
  readonly signals?: SignalsSource | undefined
}

export interface WriterOptions extends ReaderOptions {
  /** Longest wait for a lock, in milliseconds, until {@link Connection.waitForLock} says otherwise. */
  readonly busyMs: number
}

export interface Connection {
  /** The engine's version, `3.54.0`. */
  readonly version: string
  /** Whether a transaction is open: SQLite ends one by itself on some errors. */
  readonly inTransaction: boolean
  /** What the signals extension does here; undefined where it is not loaded. */
  readonly signals: ConnectionSignals | undefined
  readonly signalsState: SignalsState
  /** How long each BEGIN may wait for a lock that somebody else has, in milliseconds. */
  waitForLock(ms: number): void
  /**
   * Compiles an app's statement, or hands out the cached one. Refuses several statements in one text, and what this
   * connection's role may not say.
   */
  prepare(sql: string): Statement
  /** The same for a statement of our own, which may say anything. */
  prepareOwn(sql: string): Statement
  /**
   * What tells how SQLite would go about an app's statement, and runs nothing of it, whatever this connection's role. Takes as many
   * parameters as the statement.
   */
  planOf(sql: string): Statement
  /** What the last change changed: for statements that yield rows, which don't say it themselves. */
  lastChanges(): Changes
  /** Runs trusted text of several statements: ours, and migrations. */
  script(sql: string): void
  /**
   * Copies the database into a new file, step by step, with the thread's other work in between; what this connection commits
   * meanwhile is in the copy, too. After each step it is asked how many pages the next may copy; what that throws ends the copy
   * and takes its file away.
   */
  copyTo(file: string, afterStep: (progress: CopyProgress) => number): Promise<CopyProgress>
  close(): void
}

export interface CopyProgress {
  readonly pagesDone: number
  readonly pagesTotal: number
}

export interface Statement {
  readonly sql: string
  /** Whether it yields rows. */
  readonly yieldsRows: boolean
  /** Whether it leaves the database as it is, as SQLite sees it. */
  readonly readsOnly: boolean
  /** Names of the columns of the rows it yielded last. Ask after running it: a changed schema renames them in that run. */
  columns(): string[]
  /** Runs a statement that yields no rows. */
  run(parameters: SqlParameters | undefined): Changes
  /** All rows as objects. */
  objects(parameters: SqlParameters | undefined): unknown[]
  /** All rows as arrays, in the order of `columns()`. */
  arrays(parameters: SqlParameters | undefined): unknown[][]
  firstObject(parameters: SqlParameters | undefined): unknown
  firstArray(parameters: SqlParameters | undefined): unknown[] | undefined
  /** Rows one by one, as objects or as arrays. The connection runs nothing else until it is through, or returned. */
  iterate(parameters: SqlParameters | undefined, named: boolean): IterableIterator<unknown>
}
