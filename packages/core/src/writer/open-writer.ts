import { existsSync } from 'node:fs'
import type { Connection, Engine } from '../engine/port.ts'
import type { SignalsSource } from '../engine/signals.ts'
import { assertSqliteVersion } from '../engine/version.ts'
import { errorFromThrown, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { checkpointPages, openBusyMs } from '../limits.ts'
import { applyMigration, readHistory } from '../migrations/history.ts'
import type { Migration } from '../migrations/migration.ts'
import { planMigrations } from '../migrations/plan.ts'
import type { SetupFunction } from '../procedures/connection-setup.ts'
import { assertLogStays } from '../wal/left-log.ts'
import type { Checkpoints } from '../wal/options.ts'
import { type Durability, SyncLevel } from './durability.ts'

export interface OpenWriterOptions {
  readonly file: string
  readonly migrations: readonly Migration[]
  readonly durability: Durability
  readonly checkpoints?: Checkpoints | undefined
  readonly setup?: SetupFunction | undefined
  readonly signals?: SignalsSource | undefined
  /** Told before each migration. */
  readonly onMigration: (migration: Migration, done: number, total: number) => void
}

/**
 * Opens the sole write connection: looks first, so that a file from the future stays as it is, one that is no database,
 * or an empty one with a log beside it; then sets up WAL mode and brings the schema up to date.
 *
 * @throws LockkeeperError `not-a-database`, `history-newer`, `history-changed`, `cannot-open`, `sqlite-too-old`,
 * `migration-failed`
 */
export function openWriter(engine: Engine, options: OpenWriterOptions): Connection {
  assertLogStays(options.file)
  if (existsSync(options.file)) probe(engine, options)
  const connection = open(
    () =>
      engine.openWriter(options.file, { busyMs: openBusyMs, setup: options.setup, signals: options.signals }),
    options.file,
  )
  try {
    assertSqliteVersion(connection.version)
    configure(connection, options)
    const plan = (): readonly Migration[] => planMigrations(options.migrations, readHistory(connection))
    const left = plan()
    for (const [done, migration] of left.entries()) {
      options.onMigration(migration, done, left.length)
      // Another process that opens the file at the same time may have run it meanwhile.
      applyMigration(connection, migration, () => plan().includes(migration))
    }
    // What migrations touched was there before anybody could listen.
    connection.signals?.touched()
    return connection
  } catch (thrown) {
    connection.close()
    throw named(thrown, options.file)
  }
}

/** What a crash leaves beside the file, and a connection that may write would work into it on closing. */
const leftovers = ['-wal', '-journal']

/**
 * Reads the history and nothing else. With no log beside the file a connection that may write is the one that leaves no
 * trace, since it takes its own log away again; with a log there, closing such a connection would copy it into the file.
 */
function probe(engine: Engine, { file, migrations }: OpenWriterOptions): void {
  const connection = open(
    () =>
      leftovers.some((end) => existsSync(file + end))
        ? engine.openReader(file)
        : engine.openWriter(file, { busyMs: openBusyMs }),
    file,
  )
  try {
    // Another process may be recovering the log, which takes as long as reading it.
    connection.waitForLock(openBusyMs)
    planMigrations(migrations, readHistory(connection))
  } catch (thrown) {
    throw named(thrown, file)
  } finally {
    connection.close()
  }
}

function configure(
  connection: Connection,
  { durability, checkpoints = 'automatic', file }: OpenWriterOptions,
): void {
  const mode = connection.prepareOwn('pragma journal_mode = wal').firstArray(undefined)?.[0]
  if (mode !== 'wal') {
    throw new LockkeeperError(
      `${file} cannot be put into WAL mode (it stays in ${String(mode)} mode): use a local file system, and a file that other programs don’t hold open`,
      { code: 'unsupported-location', stage: 'open' },
    )
  }
  new SyncLevel(connection).set(durability)
  connection.script(`pragma wal_autocheckpoint = ${checkpoints === 'automatic' ? checkpointPages : 0}`)
  connection.script('pragma foreign_keys = on')
}

function open(opener: () => Connection, file: string): Connection {
  try {
    return opener()
  } catch (thrown) {
    throw named(thrown, file)
  }
}

function named(thrown: unknown, file: string): LockkeeperError {
  const code = sqliteCodeOf(thrown)
  if (code === 'sqlite-notadb') {
    return new LockkeeperError(`${file} is not a SQLite database: name another file`, {
      code: 'not-a-database',
      stage: 'open',
      cause: thrown,
    })
  }
  const refused =
    code === undefined ? thrown instanceof TypeError : /^sqlite-(cantopen|readonly|perm)/.test(code)
  if (refused && !(thrown instanceof LockkeeperError)) {
    return new LockkeeperError(
      `${file} cannot be opened for writing (${(thrown as Error).message}): the folder must exist and be writable, and so must the file and its -wal and -shm neighbours`,
      { code: 'cannot-open', stage: 'open', cause: thrown },
    )
  }
  return errorFromThrown(thrown, { stage: 'open' })
}
