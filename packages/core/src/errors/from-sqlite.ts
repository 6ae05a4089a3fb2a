import type { Outcome, SqliteCode, Stage } from './codes.ts'
import { isLockkeeperError, LockkeeperError } from './lockkeeper-error.ts'

/** Result codes after which the same request, sent again, can succeed. */
const retryable = /^sqlite-(busy|locked|protocol|full|nomem|interrupt)\b/

/** What to do next, for the codes that people meet. First match wins. */
const advice: ReadonlyArray<readonly [RegExp, string]> = [
  [/^sqlite-busy/, 'another process holds the write lock; try again'],
  [
    /^sqlite-readonly/,
    'this connection or file cannot be written; use write() for changes, and look at the file’s permissions',
  ],
  [/^sqlite-full/, 'the disk is full; free space and try again'],
  [/^sqlite-(notadb|corrupt)/, 'the file is damaged or not a SQLite database; restore it from a backup'],
  [/^sqlite-ioerr/, 'the disk reported an error; look at the disk before going on'],
  [/^sqlite-toobig/, 'a value or the statement exceeds SQLite’s limit; split it'],
]

export function sqliteCodeOf(thrown: unknown): SqliteCode | undefined {
  const code = thrown instanceof Error ? (thrown as { code?: unknown }).code : undefined
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return undefined
  return code.toLowerCase().replaceAll('_', '-') as SqliteCode
}

export const isBusy = (code: string | undefined): code is SqliteCode =>
  code?.startsWith('sqlite-busy') ?? false

export interface Circumstance {
  readonly stage: Stage
  readonly outcome?: Outcome | undefined
  readonly label?: string | undefined
}

/**
 * Names whatever SQLite, its binding or a procedure threw. SQLite's errors keep their extended code; the binding's own
 * TypeError and RangeError are misuse of parameters; anything else came out of a procedure.
 */
export function errorFromThrown(thrown: unknown, circumstance: Circumstance): LockkeeperError {
  if (isLockkeeperError(thrown)) {
    return thrown.outcome === circumstance.outcome && thrown.label !== undefined
      ? thrown
      : new LockkeeperError(thrown.message, {
          ...thrown,
          stage: thrown.stage,
          outcome: circumstance.outcome,
          label: thrown.label ?? circumstance.label,
          cause: thrown.cause,
        })
  }
  const code = sqliteCodeOf(thrown)
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (code !== undefined) {
    const next = advice.find(([pattern]) => pattern.test(code))?.[1]
    return new LockkeeperError(next === undefined ? message : `${message}: ${next}`, {
      ...circumstance,
      code,
      retryable: retryable.test(code),
      cause: thrown,
    })
  }
  if (isMisuse(thrown)) {
    return new LockkeeperError(
      `${message}: give one value per placeholder, each a number, bigint, string, Uint8Array or null`,
      {
        ...circumstance,
        code: 'invalid-argument',
        cause: thrown,
      },
    )
  }
  return new LockkeeperError(message, { ...circumstance, code: 'procedure-failed', cause: thrown })
}

/** better-sqlite3 throws plain TypeErrors and RangeErrors for what cannot be bound; its messages are the only mark. */
function isMisuse(thrown: unknown): boolean {
  return (
    (thrown instanceof TypeError || thrown instanceof RangeError) &&
    /bind|parameter|BigInt|Buffer|more than one statement|no statements|does not return data/i.test(
      thrown.message,
    )
  )
}
