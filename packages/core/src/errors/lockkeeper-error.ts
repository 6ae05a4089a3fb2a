import type { ErrorCode, Outcome, Stage } from './codes.ts'

export interface LockkeeperErrorFields {
  readonly code: ErrorCode
  readonly stage: Stage
  /** What became of the write; absent for reads and for errors of opening and closing. */
  readonly outcome?: Outcome | undefined
  /** Whether the same request, sent again later, can succeed. */
  readonly retryable?: boolean | undefined
  /** How long to wait before that, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly label?: string | undefined
  readonly cause?: unknown
}

/**
 * The one family of errors. Match by `code`, never by message or class: an error keeps its code across threads and across
 * copies of the package.
 *
 * @example
 * try { await db.write(sql) } catch (error) {
 *   if (isLockkeeperError(error, 'lane-full')) await delay(error.retryAfterMs)
 *   else throw error
 * }
 */
export class LockkeeperError extends Error {
  override readonly name = 'LockkeeperError'
  readonly code: ErrorCode
  readonly stage: Stage
  readonly outcome: Outcome | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly label: string | undefined

  constructor(message: string, fields: LockkeeperErrorFields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = fields.code
    this.stage = fields.stage
    this.outcome = fields.outcome
    this.retryable = fields.retryable ?? false
    this.retryAfterMs = fields.retryAfterMs
    this.label = fields.label
  }
}

/** Whether a thrown thing is Lockkeeper's, and, if a code is given, whether it is that one. */
export function isLockkeeperError<Code extends ErrorCode = ErrorCode>(
  thrown: unknown,
  code?: Code,
): thrown is LockkeeperError & { readonly code: Code } {
  return (
    thrown instanceof Error &&
    thrown.name === 'LockkeeperError' &&
    (code === undefined || (thrown as LockkeeperError).code === code)
  )
}
