import { deserialize, serialize } from 'node:v8'
import type { Connection } from '../engine/port.ts'
import { idempotencyKeysKept } from '../limits.ts'
import type { ItemResult } from './run-item.ts'

const schema = `
  create table if not exists lockkeeper_idempotency (
    id integer primary key autoincrement,
    key text not null unique,
    result blob not null
  ) strict`

/**
 * Results of writes by their idempotency key, stored in the write's own transaction: a key that is here belongs to a write
 * that is committed. The newest are kept.
 */
export class IdempotencyKeys {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
    connection.script(schema)
  }

  recall(key: string): ItemResult | undefined {
    const stored = this.#connection
      .prepareOwn('select result from lockkeeper_idempotency where key = ?')
      .firstArray([key])?.[0]
    return stored === undefined ? undefined : (deserialize(stored as Uint8Array) as ItemResult)
  }

  remember(key: string, result: ItemResult): void {
    const { lastInsertRowid } = this.#connection
      .prepareOwn('insert into lockkeeper_idempotency (key, result) values (?, ?)')
      .run([key, serialize(result)])
    this.#connection
      .prepareOwn('delete from lockkeeper_idempotency where id <= ?')
      .run([Number(lastInsertRowid) - idempotencyKeysKept])
  }
}
