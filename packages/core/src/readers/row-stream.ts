import { errorFromThrown } from '../errors/from-sqlite.ts'
import { type ErrorWire, errorToWire } from '../errors/wire.ts'
import { assertWanted } from '../interrupts/cancellation.ts'
import { chunkBytesMax, chunkMsMax, chunkRowsMax } from '../limits.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { PackedRows } from '../wire/rows.ts'
import { RowsPacker } from '../wire/rows-packer.ts'
import type { ReaderParts } from './run-read.ts'

/** Opens a stream. Its reader does nothing else until it is through or stopped. */
export interface StreamMessage {
  readonly type: 'stream'
  /** The number under which it passes the gate. */
  readonly id: number
  readonly sql: string
  readonly parameters: SqlParameters | undefined
}

export interface ChunkMessage {
  readonly type: 'chunk'
  readonly rows: PackedRows | undefined
  /** Whether it was the last: there are no more rows, or there is an error after these. */
  readonly done: boolean
  readonly error: ErrorWire | undefined
}

/** A query’s rows, a chunk at a time: as many as are quickly had, so that an abort is soon noticed and messages stay small. */
export class RowStream {
  readonly #parts: ReaderParts
  readonly #message: StreamMessage
  #rows: Iterator<unknown> | undefined
  #over = false

  constructor(parts: ReaderParts, message: StreamMessage) {
    this.#parts = parts
    this.#message = message
  }

  /** The next chunk; undefined once the last has been handed out. */
  next(): ChunkMessage | undefined {
    if (this.#over) return undefined
    const { gate, connection } = this.#parts
    const { id, sql, parameters } = this.#message
    gate.enter(id)
    try {
      assertWanted(gate)
      this.#rows ??= connection.prepare(sql).iterate(parameters, true)
      return this.#pull(this.#rows)
    } catch (thrown) {
      return this.#failed(thrown, undefined)
    } finally {
      gate.leave()
    }
  }

  #pull(rows: Iterator<unknown>): ChunkMessage {
    const endsAt = performance.now() + chunkMsMax
    let packer: RowsPacker | undefined
    try {
      for (;;) {
        const { done, value } = rows.next()
        if (done) {
          this.#over = true
          return { type: 'chunk', rows: packer?.finish(), done: true, error: undefined }
        }
        packer ??= new RowsPacker(Object.keys(value as object))
        packer.addObject(value as Record<string, unknown>)
        if (packer.count === chunkRowsMax || packer.size >= chunkBytesMax) break
        // A clock is dear for each row, and rows are quick: a slow one is alone in its sixteen.
        if ((packer.count & 15) === 0 && performance.now() >= endsAt) break
        assertWanted(this.#parts.gate)
      }
    } catch (thrown) {
      return this.#failed(thrown, packer?.finish())
    }
    return { type: 'chunk', rows: packer.finish(), done: false, error: undefined }
  }

  /** @param rows those before the error: they are as good as if it had not come. */
  #failed(thrown: unknown, rows: PackedRows | undefined): ChunkMessage {
    this.close()
    const error = errorToWire(errorFromThrown(thrown, { stage: 'read' }))
    return { type: 'chunk', rows, done: true, error }
  }

  /** Gives the statement back, wherever it is. */
  close(): void {
    this.#over = true
    this.#rows?.return?.()
    this.#rows = undefined
  }
}
