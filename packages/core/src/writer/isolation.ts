import type { Connection } from '../engine/port.ts'
import type { WriteWork } from './batch.ts'

/**
 * Whether an item needs a savepoint of its own so that its failure undoes its work and no other's (promise 10). A plain
 * statement undoes itself, unless a FAIL conflict clause keeps the rows before the failing one: in its own text, in a
 * table's definition or in a trigger. Savepoints are not free, so nobody else gets one.
 *
 * See https://www.sqlite.org/lang_conflict.html.
 */
export class Isolation {
  readonly #connection: Connection
  #schemaVersion: number | undefined
  #schemaMayFail = false
  /** Whether an item of this batch may have changed the schema since the last look. */
  #stale = false
  #lastText = ''
  #lastSaysFail = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  needsSavepoint(work: WriteWork): boolean {
    if (work.kind !== 'statement' || this.#saysFail(work.sql)) {
      this.#stale = true
      return true
    }
    if (this.#stale) this.refresh()
    return this.#schemaMayFail
  }

  /** Neighbours in a batch mostly have the same text: the one that was looked at last is remembered. */
  #saysFail(sql: string): boolean {
    if (sql !== this.#lastText) {
      this.#lastText = sql
      this.#lastSaysFail = saysFail(sql)
    }
    return this.#lastSaysFail
  }

  /** At the start of every batch, inside its transaction: looks at the schema if it has changed. */
  refresh(): void {
    this.#stale = false
    const version = this.#connection.prepareOwn('pragma schema_version').firstArray(undefined)?.[0] as number
    if (version === this.#schemaVersion) return
    this.#schemaVersion = version
    const suspects = this.#connection
      .prepareOwn(`select sql from sqlite_schema where sql like '%fail%'`)
      .arrays(undefined)
    this.#schemaMayFail = suspects.some(([sql]) => saysFail(String(sql)))
  }
}

/** As a word: a column that is called `failed` (ours has one) costs nobody a savepoint. */
const saysFail = (sql: string): boolean => /\bfail\b/i.test(sql)
