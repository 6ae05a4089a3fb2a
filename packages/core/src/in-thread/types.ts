import type { CompiledQuery } from '../database/types.ts'
import type { SqlParameters, SqlValue } from '../procedures/define.ts'

/** How the app's own thread reads. */
export interface InThreadOptions {
  /** A read that holds the event loop longer than this, in milliseconds, is counted and told. Default: see `limits.ts`. */
  readonly warnAfterMs?: number | undefined
}

/** What a read in the app's thread may say. It ends before anything else can happen, so it has no deadline and no signal. */
export interface SyncReadOptions {
  /** The caller's name for this work (`notes.title`); errors, the event and the report carry it. */
  readonly label?: string | undefined
}

/** A read in the app's thread that held the event loop for too long. */
export interface SlowInThreadRead {
  readonly label: string | undefined
  readonly sql: string
  /** How long it held the event loop. */
  readonly ms: number
}

/**
 * Reads in the app's own thread: for point reads that take less time than the way to a reader's thread and back. Everything
 * else in the process stands still meanwhile, so they have to be asked for by the option `inThreadReader`. A read sees every
 * write that has been acknowledged. It is subject to the rules of `read` and its kin, and answers as they do.
 *
 * They throw what `read` rejects with, with the stage `read`: `not-enabled` without the option, `closed` as soon as the
 * database closes, `statement-refused`, `invalid-argument`, and SQLite's own codes.
 *
 * @example
 * const db = await openDatabase({ file: 'node.db', inThreadReader: { warnAfterMs: 5 } })
 * const note = db.readFirstSync<Note>('select * from notes where id = ?', ['n1'], { label: 'notes.get' })
 */
export interface InThreadReads {
  /** All rows of a query, as objects. */
  readSync<Row = Record<string, SqlValue>>(
    sql: string,
    parameters?: SqlParameters,
    options?: SyncReadOptions,
  ): Row[]
  readSync<Row = Record<string, SqlValue>>(query: CompiledQuery, options?: SyncReadOptions): Row[]
  /** The first row, or undefined. */
  readFirstSync<Row = Record<string, SqlValue>>(
    sql: string,
    parameters?: SqlParameters,
    options?: SyncReadOptions,
  ): Row | undefined
  /** The first column of the first row, or undefined. */
  readValueSync<Value = SqlValue>(
    sql: string,
    parameters?: SqlParameters,
    options?: SyncReadOptions,
  ): Value | undefined
  /** The first column of every row. */
  readColumnSync<Value = SqlValue>(
    sql: string,
    parameters?: SqlParameters,
    options?: SyncReadOptions,
  ): Value[]
  /** All rows, each as an array in the order of the query's columns. */
  readArraysSync<Row extends readonly unknown[] = SqlValue[]>(
    sql: string,
    parameters?: SqlParameters,
    options?: SyncReadOptions,
  ): Row[]
}
