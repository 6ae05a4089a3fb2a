import type { Connection } from '../engine/port.ts'
import { assertChanges } from '../engine/statement-rules.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Changes, SqlParameters } from '../procedures/define.ts'
import { unpackArrays } from '../wire/rows.ts'
import type { BulkChunk } from './bulk.ts'

/** The writer's thread's side of bulk writes: keeps the chunks until their write is run or given up. */
export class BulkStore {
  readonly #chunks = new Map<number, BulkChunk[]>()

  add(id: number, chunk: BulkChunk): void {
    const chunks = this.#chunks.get(id) ?? []
    chunks.push(chunk)
    this.#chunks.set(id, chunks)
  }

  forget(id: number): void {
    this.#chunks.delete(id)
  }

  /** Runs the statement once for each row, inside the open transaction. */
  run(connection: Connection, sql: string, id: number): Changes {
    const statement = connection.prepare(sql)
    assertChanges(statement)
    if (statement.yieldsRows) throw refusedRows()
    let changes = 0
    let lastInsertRowid: number | bigint = 0
    let row = 0
    try {
      for (const chunk of this.#chunks.get(id) ?? []) {
        for (const parameters of parametersOf(chunk)) {
          const one = statement.run(parameters)
          changes += one.changes
          lastInsertRowid = one.lastInsertRowid
          row++
        }
      }
    } catch (thrown) {
      throw atRow(thrown, row)
    }
    return { changes, lastInsertRowid }
  }
}

function parametersOf(chunk: BulkChunk): readonly SqlParameters[] {
  return chunk.kind === 'arrays' ? (unpackArrays(chunk.rows) as SqlParameters[]) : chunk.rows
}

/** The first row is row 0, as in the caller's array. */
function atRow(thrown: unknown, row: number): LockkeeperError {
  const error = errorFromThrown(thrown, { stage: 'execute', outcome: 'not-stored' })
  return new LockkeeperError(`Row ${row} of writeMany: ${error.message}`, { ...error, cause: error.cause })
}

function refusedRows(): LockkeeperError {
  return new LockkeeperError(
    'writeMany answers with counts only: leave RETURNING out, or use writeAtomic()',
    {
      code: 'invalid-argument',
      stage: 'execute',
      outcome: 'not-stored',
    },
  )
}
