import type { Outcome, SqliteCode, Stage } from './codes.ts'
import { isLockkeeperError, LockkeeperError } from './lockkeeper-error.ts'

/**
 * Result codes after which the same request, sent again, can succeed. A disk's errors may pass; but a write of which nobody
 * knows whether it is stored must not be repeated blindly.
 */
const retryable = /^sqlite-(busy|locked|protocol|full|nomem|interrupt|ioerr|cantopen)\b/

/** What to do next, for the codes that people meet. First match wins. */
const advice: ReadonlyArray<readonly [RegExp, string]> = [
  [/^sqlite-busy-recovery/, 'another process is recovering the log after a crash; try again'],
  [/^sqlite-busy-snapshot/, 'the transaction has read a state that is no longer the newest; try again'],
  [/^sqlite-busy/, 'another process holds the write lock; try again'],
  [
    /^sqlite-locked/,
    'a statement of the same connection still reads what this one changes; read to the end first, or collect the rows before changing them',
  ],
  [
    /^sqlite-protocol/,
    'another process kept the log’s index busy for seconds; try again, and look for a program that opens and closes the file all the time',
  ],
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
  if (isLockkeeperError(thrown)) return inCircumstance(thrown, circumstance)
  const code = sqliteCodeOf(thrown)
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (code !== undefined) {
    const next = advice.find(([pattern]) => pattern.test(code))?.[1]
    return new LockkeeperError(next === undefined ? message : `${message}: ${next}`, {
      ...circumstance,
      code,
      retryable: retryable.test(code) && circumstance.outcome !== 'unknown',
      cause: thrown,
    })
  }
  const remedy = misuseRemedy(thrown)
  if (remedy !== undefined) {
    return new LockkeeperError(`${message}: ${remedy}`, {
      ...circumstance,
      code: 'invalid-argument',
      cause: thrown,
    })
  }
  return new LockkeeperError(message, { ...circumstance, code: 'procedure-failed', cause: thrown })
}

/** The same error with what is known where it was caught. Its stack stays that of where it was thrown. */
function inCircumstance(thrown: LockkeeperError, { outcome, label }: Circumstance): LockkeeperError {
  if (thrown.outcome === outcome && thrown.label !== undefined) return thrown
  const fields = { ...thrown, outcome, label: thrown.label ?? label, cause: thrown.cause }
  const error = new LockkeeperError(thrown.message, fields)
  if (thrown.stack !== undefined) error.stack = thrown.stack
  return error
}

/**
 * better-sqlite3 throws plain TypeErrors and RangeErrors for misuse; its messages are the only mark, so they are matched
 * whole: a procedure’s own errors may well speak of parameters. First match wins.
 */
const misuses: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /^The supplied SQL string contains more than one statement$/,
    'send one at a time; several go into writeAtomic() or a procedure',
  ],
  [/^The supplied SQL string contains no statements$/, 'give it one'],
  [
    /^(?:This statement does not return data\. Use run\(\) instead|The \w+\(\) method is only for statements that return data)$/,
    'use run() for a statement that yields no rows',
  ],
  [
    /^(?:SQLite3 can only bind numbers, strings, bigints, buffers, and null|The bound string, buffer, or bigint is too big|Too (?:few|many) parameter values were provided|Missing named parameters|Missing named parameter "[^"]*"|Named parameters can only be passed within plain objects|You cannot specify named parameters in two different objects)$/,
    'give one value per placeholder, each a number, bigint, string, Uint8Array or null',
  ],
]

function misuseRemedy(thrown: unknown): string | undefined {
  if (!(thrown instanceof TypeError || thrown instanceof RangeError)) return undefined
  return misuses.find(([pattern]) => pattern.test(thrown.message))?.[1]
}
