import { existsSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { type Durability, tables } from '../subjects/schema.ts'

export type RawDatabase = BetterSqlite3.Database

/**
 * better-sqlite3 as its documentation recommends it, in the app thread: write-ahead log, statements prepared once. The
 * pragmas are Lockkeeper's own, so that both ask the same of SQLite.
 */
export function openRaw(folder: string, durability: Durability): RawDatabase {
  const database = reopenRaw(folder, durability)
  database.exec(tables)
  return database
}

/**
 * The same where the tables are there already.
 * @param lockWaitMsMax how long SQLite's own busy handler waits for a lock; better-sqlite3's default unless said.
 */
export function reopenRaw(folder: string, durability: Durability, lockWaitMsMax?: number): RawDatabase {
  const file = join(folder, 'bench.db')
  const database = new BetterSqlite3(file, lockWaitMsMax === undefined ? {} : { timeout: lockWaitMsMax })
  const isPower = durability === 'power'
  database.pragma('journal_mode = wal')
  database.pragma(`synchronous = ${isPower ? 'full' : 'normal'}`)
  database.pragma(`fullfsync = ${isPower ? 'on' : 'off'}`)
  database.pragma('foreign_keys = on')
  return database
}

/** How a connection of a rival's pool is opened. */
export interface ConnectionSettings {
  readonly readonly: boolean
  /** How long SQLite's own busy handler waits for a lock. */
  readonly lockWaitMsMax: number
  /** Pages in the log after which SQLite copies it by itself; 0 for never. */
  readonly autoCheckpointPages: number
}

/** One of many connections, to a file that is in WAL mode. */
export function openConnection(folder: string, settings: ConnectionSettings): RawDatabase {
  const { readonly, lockWaitMsMax, autoCheckpointPages } = settings
  const database = new BetterSqlite3(join(folder, 'bench.db'), { readonly, timeout: lockWaitMsMax })
  database.pragma('synchronous = normal')
  database.pragma('foreign_keys = on')
  database.pragma(`wal_autocheckpoint = ${autoCheckpointPages}`)
  return database
}

/** Makes the file, and the tables of a module of work. */
export async function makeTables(folder: string, work: URL): Promise<void> {
  const module = (await import(work.href)) as { readonly work: { readonly tables: string } }
  const database = reopenRaw(folder, 'process')
  database.exec(module.work.tables)
  database.close()
}

/** Makes the file and its tables, unless it is there: tables that can be made once only. */
export function makeTablesOnce(folder: string, tables: string): void {
  if (existsSync(join(folder, 'bench.db'))) return
  const database = reopenRaw(folder, 'process')
  database.exec(tables)
  database.close()
}

/** A database of no file. */
export function openMemory(): RawDatabase {
  return new BetterSqlite3(':memory:')
}

/** The first column of the only row. */
export function readValue(database: RawDatabase, sql: string): unknown {
  return database.prepare(sql).pluck().get()
}
