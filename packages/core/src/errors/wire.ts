import type { ErrorCode, Outcome, Stage } from './codes.ts'
import { LockkeeperError } from './lockkeeper-error.ts'

/** An error as it crosses a thread: whole, and as plain data, since structured clone drops an error's own fields. */
export interface ErrorWire {
  readonly message: string
  readonly code: ErrorCode
  readonly stage: Stage
  readonly outcome: Outcome | undefined
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly label: string | undefined
  readonly stack: string | undefined
  readonly cause: CauseWire | undefined
}

interface CauseWire {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly cause: CauseWire | undefined
}

/** A chain of causes longer than this is cut: somebody built a cycle. */
const CAUSES_MAX = 8

export function errorToWire(error: LockkeeperError): ErrorWire {
  const { message, code, stage, outcome, retryable, retryAfterMs, label, stack, cause } = error
  return {
    message,
    code,
    stage,
    outcome,
    retryable,
    retryAfterMs,
    label,
    stack,
    cause: causeToWire(cause, CAUSES_MAX),
  }
}

export function errorFromWire(wire: ErrorWire, label: string | undefined = wire.label): LockkeeperError {
  const error = new LockkeeperError(wire.message, { ...wire, label, cause: causeFromWire(wire.cause) })
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

function causeToWire(cause: unknown, depthLeft: number): CauseWire | undefined {
  if (cause === undefined || depthLeft === 0) return undefined
  if (!(cause instanceof Error)) {
    return { name: 'Error', message: String(cause), stack: undefined, code: undefined, cause: undefined }
  }
  const { code } = cause as { code?: unknown }
  return {
    name: cause.name,
    message: cause.message,
    stack: cause.stack,
    code: typeof code === 'string' ? code : undefined,
    cause: causeToWire(cause.cause, depthLeft - 1),
  }
}

function causeFromWire(wire: CauseWire | undefined): Error | undefined {
  if (wire === undefined) return undefined
  const cause = causeFromWire(wire.cause)
  const error = new Error(wire.message, cause === undefined ? undefined : { cause })
  error.name = wire.name
  if (wire.stack !== undefined) error.stack = wire.stack
  if (wire.code !== undefined) Object.assign(error, { code: wire.code })
  return error
}
