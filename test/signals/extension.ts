import { Signals, type Watch } from '@lockkeeper/signals'
import Database from 'better-sqlite3'
import { extensionPath } from './found.ts'

/** A database with an empty table of notes, closed again. */
export function makeDatabase(file: string): void {
  const connection = new Database(file)
  connection.pragma('journal_mode = wal')
  connection.exec('create table notes (id integer primary key, body text not null) strict')
  connection.close()
}

/** A connection of this thread with the extension on it. It has no patience: a lock that is taken is refused at once. */
export interface SignalledConnection extends Disposable {
  readonly connection: Database.Database
  readonly signals: Signals
  readonly watch: Watch
}

export function openSignalled(file: string): SignalledConnection {
  const connection = new Database(file)
  try {
    const signals = Signals.load(connection, extensionPath())
    const watch = signals.watch('writer')
    return { connection, signals, watch, [Symbol.dispose]: () => connection.close() }
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}

/** A way for this thread to signal to connections of others. */
export function openSignalsControl(): SignalledConnection {
  return openSignalled(':memory:')
}

/** Runs SQL, and returns SQLite's name for what went wrong; undefined if nothing did. */
export function codeOf(connection: Database.Database, sql: string): string | undefined {
  try {
    connection.exec(sql)
    return undefined
  } catch (thrown) {
    if (thrown instanceof Database.SqliteError) return thrown.code
    throw thrown
  }
}

/** What is in the table of notes, read by a connection without the extension. */
export function bodiesIn(file: string): readonly string[] {
  const connection = new Database(file, { readonly: true })
  try {
    return connection.prepare<[], string>('select body from notes order by id').pluck().all()
  } finally {
    connection.close()
  }
}
