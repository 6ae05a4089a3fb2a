import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { type Durability, tables } from '../subjects/schema.ts'

/**
 * better-sqlite3 as its documentation recommends it, in the app thread: write-ahead log, statements prepared once. The
 * pragmas are Lockkeeper's own, so that both ask the same of SQLite.
 */
export function openRaw(folder: string, durability: Durability): BetterSqlite3.Database {
  const database = new BetterSqlite3(join(folder, 'bench.db'))
  const isPower = durability === 'power'
  database.pragma('journal_mode = wal')
  database.pragma(`synchronous = ${isPower ? 'full' : 'normal'}`)
  database.pragma(`fullfsync = ${isPower ? 'on' : 'off'}`)
  database.pragma('foreign_keys = on')
  database.exec(tables)
  return database
}

/** The first column of the only row. */
export function readValue(database: BetterSqlite3.Database, sql: string): unknown {
  return database.prepare(sql).pluck().get()
}
