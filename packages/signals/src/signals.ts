// The TypeScript side of the SQL function by which the extension is used; native/signals.c is the other.
import { faultOfLibrary } from './library-file.ts'

/** What `Signals` needs of a better-sqlite3 `Database`. */
export interface SqliteConnection {
  loadExtension(path: string): unknown
  prepare(sql: string): SqliteStatement
}

/** What `Signals` needs of a better-sqlite3 `Statement`. */
export interface SqliteStatement {
  pluck(): SqliteStatement
  get(...parameters: unknown[]): unknown
}

/** What a connection is for. A writer waits for the write lock and tells which tables it touched; both are profiled. */
export type WatchRole = 'writer' | 'reader'

/** How a connection waits for the write lock while another connection has it. */
export interface Watch {
  /** `futex`: its release ends the wait. `polling`: it is looked at every millisecond. `sleeping`: in growing pauses. */
  readonly waits: 'futex' | 'polling' | 'sleeping'
  /** Why it does not wait better; undefined if it waits as well as this system can. */
  readonly notice: string | undefined
}

/** One statement, by its text, since the profile was last taken. */
export interface StatementProfile {
  /** Its text, the first 2,000 bytes of it; `other` sums up the statements for which there was no room. */
  readonly sql: string
  readonly runs: number
  /** SQLite measures each run in whole milliseconds, so the sum is right on average and one short run reads 0 or 1. */
  readonly totalMs: number
  readonly longestMs: number
  /** Steps through a table without an index; see SQLite's `SQLITE_STMTSTATUS_FULLSCAN_STEP`. */
  readonly scanSteps: number
  readonly sorts: number
  /** Rows put into indexes that SQLite made for one run, since it missed one. */
  readonly autoIndexes: number
  readonly vmSteps: number
}

/** How the waits for the write lock went, since the connection was opened. */
export interface LockWaits {
  /** Transactions that found the lock taken. */
  readonly waits: number
  readonly waitedMs: number
  /** Looks at the lock because it had been released. */
  readonly woken: number
  /** Looks at the lock because time had passed. */
  readonly polled: number
  /** Waits that ended without the lock: too long, or ended by `wake`. */
  readonly timedOut: number
  /** Tries left to a connection that had waited longer. */
  readonly deferred: number
}

/** What this file speaks: `LOCKKEEPER_PROTOCOL` in native/connection.h. */
export const protocol = 1

/** What fits into the extension's 32 bits. */
const waitMsMax = 2 ** 31 - 1

const unusable = "can't be used as Lockkeeper's signals extension"

interface Greeting {
  readonly version: number
  readonly connection: number
  readonly key: string
}

/**
 * The signals of one connection. Everything but `interrupt` and `wake` concerns the connection it was loaded into.
 *
 * @example
 * const signals = Signals.load(database, path)
 * const { waits, notice } = signals.watch('writer')
 * signals.waitAtMost(25)
 */
export class Signals {
  /** Names this connection in this process, for `interrupt` and `wake`; never used for another one. */
  readonly connection: number
  readonly #key: string
  readonly #ask: SqliteStatement
  readonly #tell: SqliteStatement

  private constructor(connection: SqliteConnection, { connection: id, key }: Greeting) {
    this.connection = id
    this.#key = key
    // The extension keeps statements that begin like these out of its profile.
    this.#ask = connection.prepare('select lockkeeper_signals(?, ?)').pluck()
    this.#tell = connection.prepare('select lockkeeper_signals(?, ?, ?)').pluck()
  }

  /**
   * Loads the extension into a connection, once in its life. It does nothing until it is told to `watch`.
   *
   * @param path The extension's file, as `locateSignals` finds it.
   * @throws Error that says what is wrong with the file: not there, damaged, something else, of another version.
   */
  static load(connection: SqliteConnection, path: string): Signals {
    let greeting: Greeting
    const fault = faultOfLibrary(path)
    if (fault !== undefined) throw new Error(`${path} ${unusable}: ${fault}`)
    try {
      connection.loadExtension(path)
      greeting = JSON.parse(
        String(connection.prepare('select lockkeeper_signals()').pluck().get()),
      ) as Greeting
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`${path} ${unusable}: ${why}`, { cause })
    }
    if (greeting.version !== protocol) {
      throw new Error(
        `${path} is a signals extension of protocol ${greeting.version}, and this package speaks ${protocol}: build it again, or install matching versions`,
      )
    }
    return new Signals(connection, greeting)
  }

  /**
   * Begins to watch the connection, once in its life: its statements, and for a writer its waits for the write lock and
   * the tables it touches. It takes the place of `PRAGMA busy_timeout`, which must not be set afterwards.
   */
  watch(role: WatchRole): Watch {
    const answer = this.#json('watch', role) as { waits: Watch['waits']; notice: string | null }
    return { waits: answer.waits, notice: answer.notice ?? undefined }
  }

  /** How long each BEGIN may wait for the write lock from now on, in whole milliseconds; 0 at first, and at most 24 days. */
  waitAtMost(waitMs: number): void {
    this.#tell.get(this.#key, 'wait', Math.trunc(Math.min(Math.max(0, waitMs), waitMsMax)))
  }

  /** To be told after each statement the writer has prepared, with its text: remembers which tables it may write. */
  prepared(sql: string): void {
    this.#tell.get(this.#key, 'prepared', sql)
  }

  /** The tables touched since the last call, without those of a transaction that was rolled back; undefined if none. */
  touched(): string[] | undefined {
    return this.#json('touched') as string[] | undefined
  }

  /** What the connection has run since the last call. */
  profile(): StatementProfile[] {
    return (this.#json('profile') as StatementProfile[] | undefined) ?? []
  }

  /** How its waits for the write lock went so far. */
  waits(): LockWaits {
    return this.#json('waits') as LockWaits
  }

  /**
   * Ends what a connection of this process runs at this moment, in whatever thread: it fails with `SQLITE_INTERRUPT`.
   * A connection that runs nothing forgets it.
   *
   * @returns false if the connection is not open any more.
   */
  interrupt(connection: number): boolean {
    return Number(this.#tell.get(this.#key, 'interrupt', connection)) === 1
  }

  /**
   * Ends a connection's wait for the write lock, the one under way or else its next one: it fails with `SQLITE_BUSY`.
   *
   * @returns false if the connection is not open any more.
   */
  wake(connection: number): boolean {
    return Number(this.#tell.get(this.#key, 'wake', connection)) === 1
  }

  #json(command: string, value?: string): unknown {
    const answer =
      value === undefined ? this.#ask.get(this.#key, command) : this.#tell.get(this.#key, command, value)
    return answer === null ? undefined : JSON.parse(String(answer))
  }
}
