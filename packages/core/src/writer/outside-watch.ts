import type { Clock } from '../clock.ts'
import type { Connection } from '../engine/port.ts'
import { outsideLookPauseMs } from '../limits.ts'

/** What another process has done to the file. */
export interface OutsideChange {
  /**
   * Whether the schema has changed meanwhile, too. It may have been ours, if this process changed it in the same few
   * milliseconds.
   */
  readonly schemaChanged: boolean
}

export interface OutsideWatchParts {
  readonly connection: Connection
  readonly clock: Clock
  readonly onChange: (change: OutsideChange) => void
}

interface Versions {
  readonly data: unknown
  readonly schema: unknown
}

/**
 * Notices commits of other processes, by `PRAGMA data_version` (https://sqlite.org/pragma.html#pragma_data_version). It says
 * whether somebody else has committed since this connection looked last, and so is asked on the one connection that commits
 * for us: any other would take our own commits for a neighbour's. Checkpoints of ours don't raise it, on this connection or
 * another, except a TRUNCATE on another one, which has to be a neighbour's therefore.
 */
export class OutsideWatch {
  readonly #parts: OutsideWatchParts
  #lookedAtMs: number
  #known: Versions | undefined

  constructor(parts: OutsideWatchParts) {
    this.#parts = parts
    this.#lookedAtMs = parts.clock.now()
    this.#known = this.#read()
  }

  /** A look costs some 5 µs, so under load not every batch is followed by one. */
  afterBatch(): void {
    if (this.#parts.clock.now() - this.#lookedAtMs >= outsideLookPauseMs) this.look()
  }

  /** Tells of everything that was committed elsewhere since the last look, at once. Between batches only. */
  look(): void {
    this.#lookedAtMs = this.#parts.clock.now()
    const seen = this.#read()
    if (seen === undefined) return
    const before = this.#known
    this.#known = seen
    if (before === undefined || seen.data === before.data) return
    this.#parts.onChange({ schemaChanged: seen.schema !== before.schema })
  }

  /**
   * Both out of one state: a commit between the two questions would show as a change of the data now and as one of the schema
   * never. If they can't be had at this moment (another process recovers the log), the next look finds out the same; what else
   * is wrong, the next write meets and tells.
   */
  #read(): Versions | undefined {
    const { connection } = this.#parts
    try {
      connection.prepareOwn('begin').run(undefined)
      const [data] = connection.prepareOwn('pragma data_version').firstArray(undefined) ?? []
      const [schema] = connection.prepareOwn('pragma schema_version').firstArray(undefined) ?? []
      return { data, schema }
    } catch {
      return undefined
    } finally {
      if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
    }
  }
}
