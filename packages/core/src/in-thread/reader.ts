import { type Clock, systemClock } from '../clock.ts'
import type { Connection } from '../engine/port.ts'
import { errorFromThrown, isBusy, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { inThreadTriesMax } from '../limits.ts'
import { assertParameters, assertReadOptions, assertText } from '../mailbox/arguments.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { InThreadReport } from '../telemetry/report.ts'
import { type RowShape, runSync } from './run-sync.ts'
import { ToldLabels } from './told-labels.ts'
import type { SlowInThreadRead, SyncReadOptions } from './types.ts'

export interface InThreadReaderOptions {
  /** Undefined where nobody asked for reads in this thread: each is refused then. */
  readonly warnAfterMs: number | undefined
  readonly counters: Counters
  readonly onSlow: (read: SlowInThreadRead) => void
  readonly clock?: Clock | undefined
}

/**
 * Reads in the app's own thread, synchronously: the one place where that thread waits for SQLite, because somebody asked for
 * it by name (promise 16). It holds no transaction from one call to the next, so it pins the log only while it reads.
 */
export class InThreadReader {
  readonly #warnAfterMs: number
  readonly #isOn: boolean
  readonly #counters: Counters
  readonly #onSlow: (read: SlowInThreadRead) => void
  readonly #clock: Clock
  readonly #told = new ToldLabels()
  readonly #counts = { reads: 0, failed: 0, slow: 0 }
  #longestMs = 0
  #longestLabel: string | undefined
  #connection: Connection | undefined

  constructor({ warnAfterMs, counters, onSlow, clock = systemClock }: InThreadReaderOptions) {
    this.#isOn = warnAfterMs !== undefined
    this.#warnAfterMs = warnAfterMs ?? Number.POSITIVE_INFINITY
    this.#counters = counters
    this.#onSlow = onSlow
    this.#clock = clock
  }

  /** From now on it reads, with a connection that is its own. */
  start(connection: Connection): void {
    this.#connection = connection
  }

  /**
   * No more reads. The connection goes before the writer's does: the log is removed by the last one to close, and only by one
   * that may write (https://www.sqlite.org/wal.html, “The WAL file”).
   */
  async stop(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    // A function of the app's that is called from SQL may close the database: its read has ended when the stack is empty.
    await undefined
    connection?.close()
  }

  /** Undefined where nobody asked for reads in this thread. */
  report(): InThreadReport | undefined {
    if (!this.#isOn) return undefined
    return { ...this.#counts, longestMs: this.#longestMs, longestLabel: this.#longestLabel }
  }

  /**
   * Point reads take a few microseconds, so everything here that is not SQLite's counts.
   *
   * @throws LockkeeperError
   */
  read(
    shape: RowShape,
    sql: string,
    parameters: SqlParameters | undefined,
    options: SyncReadOptions | undefined,
  ): unknown {
    const connection = this.#connection
    if (connection === undefined) throw this.#refusal(options)
    const beganAtMs = this.#clock.now()
    this.#counts.reads++
    try {
      for (let tries = 1; ; tries++) {
        try {
          assertText(sql)
          assertParameters(parameters)
          if (options !== undefined) assertReadOptions(options)
          return runSync(connection.prepare(sql), shape, parameters)
        } catch (thrown) {
          if (!this.#passes(thrown) || tries === inThreadTriesMax) throw this.#failure(thrown, options)
        }
      }
    } finally {
      const ms = this.#clock.now() - beganAtMs
      if (ms > this.#longestMs) this.#noteLongest(ms, options)
      if (ms > this.#warnAfterMs) this.#noteSlow(ms, sql, options)
    }
  }

  /**
   * A reader meets SQLITE_BUSY only while another process recovers the log, which passes. To sleep meanwhile would stop the
   * event loop; SQLITE_PROTOCOL comes after SQLite itself has slept, so it is final.
   */
  #passes(thrown: unknown): boolean {
    const code = sqliteCodeOf(thrown)
    if (!isBusy(code)) return false
    this.#counters.countBusy({ [code]: 1 })
    return true
  }

  #failure(thrown: unknown, options: SyncReadOptions | undefined): LockkeeperError {
    this.#counts.failed++
    return readError(errorFromThrown(thrown, { stage: 'read' }), options)
  }

  #noteLongest(ms: number, options: SyncReadOptions | undefined): void {
    this.#longestMs = ms
    this.#longestLabel = labelOf(options)
  }

  #noteSlow(ms: number, sql: string, options: SyncReadOptions | undefined): void {
    this.#counts.slow++
    const label = labelOf(options)
    if (this.#told.tell(label, this.#clock.now())) this.#onSlow({ label, sql, ms })
  }

  #refusal(options: SyncReadOptions | undefined): LockkeeperError {
    const label = labelOf(options)
    if (this.#isOn) {
      return new LockkeeperError('The database is closed: open it again to read', {
        code: 'closed',
        stage: 'read',
        label,
      })
    }
    return new LockkeeperError(
      'Reads in the app’s own thread are not enabled: open the database with inThreadReader: true, or use read() and its kin',
      { code: 'not-enabled', stage: 'read', label },
    )
  }
}

/** What a caller without types passed may be anything. */
function labelOf(options: SyncReadOptions | undefined): string | undefined {
  const label: unknown = options?.label
  return typeof label === 'string' ? label : undefined
}

/** Whatever found it, the check of a call or SQLite: it arose in this read. */
function readError(error: LockkeeperError, options: SyncReadOptions | undefined): LockkeeperError {
  const { message, cause, stack } = error
  const fields = { ...error, cause, stage: 'read', outcome: undefined, label: labelOf(options) } as const
  const named = new LockkeeperError(message, fields)
  if (stack !== undefined) named.stack = stack
  return named
}
