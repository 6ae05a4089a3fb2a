import type { Connection } from '../engine/port.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { type ErrorWire, errorToWire } from '../errors/wire.ts'

/** How long the log is, and how much of it is copied into the file, in bytes. */
export interface LogSize {
  readonly logBytes: number
  readonly copiedBytes: number
}

/** What a checkpoint came to. */
export interface CheckpointRun {
  /** Undefined where another connection was at it, so that nothing is known. */
  readonly size: LogSize | undefined
  /** Everything is copied and nobody reads the log, so that the next write begins it anew. */
  readonly beginsAnew: boolean
  readonly ms: number
  readonly error: ErrorWire | undefined
}

/** A log's header, and what each page in it has for one: https://sqlite.org/fileformat2.html#the_write_ahead_log. */
const headerBytes = 32
const frameHeaderBytes = 24

/** `noop` looks and copies nothing. */
export type CheckpointMode = 'noop' | 'passive' | 'restart' | 'truncate'

/**
 * One connection's checkpoints: https://sqlite.org/pragma.html#pragma_wal_checkpoint. `passive` copies what it can and waits for
 * nobody; `restart` takes the write lock, copies everything and answers whether anybody still reads the log; `truncate` cuts the
 * file besides.
 */
export class Checkpoints {
  readonly #connection: Connection
  readonly #frameBytes: number

  constructor(connection: Connection) {
    this.#connection = connection
    const [pageBytes] = connection.prepareOwn('pragma page_size').firstArray(undefined) as [number]
    this.#frameBytes = pageBytes + frameHeaderBytes
  }

  size(): LogSize | undefined {
    return this.#call('noop').size
  }

  run(mode: CheckpointMode): CheckpointRun {
    const startedAt = performance.now()
    try {
      const { busy, size } = this.#call(mode)
      const beginsAnew = mode !== 'passive' && !busy && size !== undefined
      return { size, beginsAnew, ms: performance.now() - startedAt, error: undefined }
    } catch (thrown) {
      const error = errorToWire(errorFromThrown(thrown, { stage: 'commit' }))
      return { size: undefined, beginsAnew: false, ms: performance.now() - startedAt, error }
    }
  }

  #call(mode: CheckpointMode): { busy: boolean; size: LogSize | undefined } {
    const [busy, frames, copied] = this.#connection
      .prepareOwn(`pragma wal_checkpoint(${mode})`)
      .firstArray(undefined) as [number, number, number]
    // -1 where another connection checkpoints at this moment.
    const size = frames < 0 ? undefined : { logBytes: this.#bytes(frames), copiedBytes: this.#bytes(copied) }
    return { busy: busy !== 0, size }
  }

  #bytes(frames: number): number {
    return frames === 0 ? 0 : headerBytes + frames * this.#frameBytes
  }
}
