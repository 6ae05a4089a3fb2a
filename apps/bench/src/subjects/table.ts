import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fractions } from './xorshift.ts'

/** The table that every trial of the reads suite reads, and what they must agree on. */
export interface Table {
  /** Keys are 1 to this, without gaps. */
  readonly rows: number
  /** A slow scan goes through so many of them. */
  readonly scanRows: number
  /** How many readers of each class Lockkeeper has at its defaults: a rival’s pool gets as many threads together. */
  readonly readers: { readonly interactive: number; readonly background: number }
}

export interface TextRow {
  readonly id: number
  readonly body: string
}

export const selectPoint = 'select id, body from texts where id = ?'
export const selectWide = 'select id, body from texts where id between ? and ?'
export const selectAll = 'select id, body from texts'
export const selectSome = 'select id, body from texts limit ?'

/** Reads every row of its range and keeps none, as a search without an index does. Dear enough that the table has 300 ms of it. */
export const selectSlow = `
  select count(*) from texts where id <= ? and replace(upper(body), 'Q', 'K') like '%ZZZZ%'`

export const tableFile = (folder: string): string => join(folder, 'table.json')

export function knownTable(folder: string): Table {
  return JSON.parse(readFileSync(tableFile(folder), 'utf8')) as Table
}

/** Where random keys begin, each different in one trial, the same in every trial. */
const keySeed = 5

/** Random keys without end. @param width of a range that begins at the key. */
export function randomKeys({ rows }: Table, width = 1): () => number {
  const random = fractions(keySeed)
  return () => 1 + Math.floor(random() * (rows - width + 1))
}

/** @throws Error unless it is the row that was asked for. */
export function assertRow(row: TextRow | undefined, key: number): void {
  if (row?.id === key && row.body.length > 0) return
  throw new Error(`Asked for row ${key} and got ${JSON.stringify(row)}`)
}

/** @throws Error unless these are the rows from that key on. */
export function assertRows(rows: readonly TextRow[], from: number, count: number): void {
  assertRow(rows[0], from)
  assertRow(rows.at(-1), from + count - 1)
  if (rows.length !== count) throw new Error(`Asked for ${count} rows and got ${rows.length}`)
}

/** What every connection must be set to; the memory map, which SQL can’t be asked about, is off wherever nobody turns it on. */
const settings = { journal_mode: 'wal', synchronous: 1, cache_size: -16_000, page_size: 4_096 } as const

/** @param ask answers a query with one value, on a connection that is about to be measured. */
export async function assertSettings(ask: (sql: string) => unknown): Promise<void> {
  for (const [name, wanted] of Object.entries(settings)) {
    const found = await ask(`select * from pragma_${name}`)
    if (found !== wanted) throw new Error(`${name} is ${String(found)}, but all must have ${wanted}`)
  }
}
