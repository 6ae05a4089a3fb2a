/** Where in the life of a request an error arose. */
export type Stage = 'open' | 'admission' | 'begin' | 'execute' | 'commit' | 'answer' | 'read' | 'close'

/**
 * What became of a write: `committed` (it is in the database), `not-stored` (it is not, and never will be), or
 * `unknown` (nobody can tell; look before you repeat it). Reads have none.
 */
export type Outcome = 'committed' | 'not-stored' | 'unknown'

/** Lockkeeper's own codes; `docs/errors.md` lists each with its remedy. */
export type LockkeeperCode =
  | 'aborted'
  | 'already-open'
  | 'backup-damaged'
  | 'backup-failed'
  | 'backup-overtaken'
  | 'backup-running'
  | 'cannot-open'
  | 'closed'
  | 'deadline-exceeded'
  | 'file-exists'
  | 'file-replaced'
  | 'history-changed'
  | 'history-newer'
  | 'invalid-argument'
  | 'invalid-report'
  | 'lane-full'
  | 'migration-failed'
  | 'not-a-database'
  | 'not-enabled'
  | 'procedure-async'
  | 'procedure-failed'
  | 'procedures-not-loaded'
  | 'queue-full'
  | 'reader-stopped'
  | 'result-lost'
  | 'setup-not-loaded'
  | 'snapshot-ended'
  | 'snapshot-expired'
  | 'sqlite-too-old'
  | 'statement-refused'
  | 'stream-expired'
  | 'thread-lost'
  | 'transaction-ended'
  | 'unknown-job'
  | 'unknown-procedure'
  | 'unsupported-location'
  | 'wal-pinned'
  | 'writer-stopped'

/** SQLite's extended result codes in kebab case: `SQLITE_CONSTRAINT_UNIQUE` is `sqlite-constraint-unique`. */
export type SqliteCode = `sqlite-${string}`

export type ErrorCode = LockkeeperCode | SqliteCode
