import { realpathSync } from 'node:fs'
import type { Clock } from '../clock.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { errorFromThrown, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertLogStays } from '../wal/left-log.ts'
import { claimFile } from '../writer/claim.ts'
import { checkFile } from './check-file.ts'
import { changesBetween, type FilesBeside, filesBeside, statOf } from './files-beside.ts'
import { inspectBusyMs, statementsMax } from './limits.ts'
import { planStatement } from './plan-statement.ts'
import { readOwnTables } from './read-own-tables.ts'
import { readSettings } from './read-settings.ts'
import type { FileInspection } from './types.ts'

export interface InspectOptions {
  /** Statements to plan on this file, a thousand at most. None of them is run. */
  readonly statements?: readonly string[] | undefined
  /** Whether to look for damage, which reads the file: up to 256 MiB as a whole, a longer one as far as ten seconds go. */
  readonly check?: boolean | undefined
  /** Reads the time for the check. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/**
 * Looks at a database file from outside: its settings, what lies beside it, what Lockkeeper keeps in it, and how it would run some
 * statements. The file may be open in other processes, and is not changed; `left` tells what the look left beside it.
 *
 * Where a log lies beside the file it is opened read-only. Where none does it is opened for writing and told to query only, since a
 * read-only connection to a file in WAL mode makes a log that nobody takes away: https://sqlite.org/wal.html#readonly.
 *
 * It is for commands and scripts: it works in the thread that calls it, for as long as the check takes, and a second or so
 * where somebody has the whole file locked.
 *
 * @example
 * const { settings, left } = inspectFile('node.db')
 * console.log(settings.journalMode, left)
 *
 * @throws LockkeeperError `cannot-open` (no such file, a folder, no rights), `not-a-database`, `already-open` where this process has
 * it open, `invalid-argument`, or SQLite's own: `sqlite-busy`, `sqlite-corrupt` …
 */
export function inspectFile(path: string, options: InspectOptions = {}): FileInspection {
  const { statements = [], check = false, clock = performance } = options
  if (statements.length > statementsMax)
    throw new LockkeeperError(`${statements.length} statements are too many: give ${statementsMax} at most`, {
      code: 'invalid-argument',
      stage: 'open',
    })
  const file = realFile(path)
  const claim = claimFile(file)
  try {
    const before = filesBeside(file)
    assertLogStays(file)
    const hasLog = before.wal !== undefined || before.journal !== undefined
    const found = inside(file, before, hasLog, (connection) => ({
      sqlite: connection.version,
      settings: readSettings(connection),
      own: readOwnTables(connection),
      statements: statements.map((sql) => planStatement(connection, sql)),
      check: check ? checkFile(connection, clock) : undefined,
    }))
    const left = changesBetween(file, before, filesBeside(file))
    return { file, opened: hasLog ? 'read-only' : 'query-only', files: before, ...found, left }
  } finally {
    claim.release()
  }
}

/** @throws LockkeeperError `cannot-open`: SQLite would wait for ever at a pipe, and call a folder a file it can't open. */
function realFile(path: string): string {
  try {
    const stats = statOf(path)
    if (stats === undefined) throw cannotOpen(`There is no file ${path}`)
    if (stats.isDirectory()) throw cannotOpen(`${path} is a folder: name the database file in it`)
    if (!stats.isFile()) throw cannotOpen(`${path} is no regular file`)
    return realpathSync(path)
  } catch (thrown) {
    if (isLockkeeperError(thrown)) throw thrown
    throw cannotOpen(`${path} cannot be looked at (${(thrown as Error).message})`, thrown)
  }
}

function inside<T>(
  file: string,
  before: FilesBeside,
  hasLog: boolean,
  look: (connection: Connection) => T,
): T {
  let connection: Connection | undefined
  try {
    connection = betterSqlite3.openInspector(file, { hasLog, busyMs: inspectBusyMs })
    return look(connection)
  } catch (thrown) {
    throw named(thrown, file, before)
  } finally {
    connection?.close()
  }
}

function named(thrown: unknown, file: string, before: FilesBeside): LockkeeperError {
  const code = sqliteCodeOf(thrown)
  if (code === 'sqlite-notadb')
    return new LockkeeperError(`${file} is not a SQLite database`, {
      code: 'not-a-database',
      stage: 'open',
      cause: thrown,
    })
  if (code !== undefined && /^sqlite-(cantopen|readonly|perm)/.test(code))
    return cannotOpen(`${file} cannot be read (${(thrown as Error).message}): ${wayIn(before)}`, thrown)
  return errorFromThrown(thrown, { stage: 'open' })
}

function wayIn({ journal }: FilesBeside): string {
  if (journal !== undefined)
    return 'a crash left a journal beside it that has to be rolled back first; the next program that opens it for writing does that'
  return 'reading a file in WAL mode takes the right to make or write the -wal and -shm files beside it; look as a user who has it, or look at a copy of the file with its -wal'
}

function cannotOpen(message: string, cause?: unknown): LockkeeperError {
  return new LockkeeperError(message, { code: 'cannot-open', stage: 'open', cause })
}
