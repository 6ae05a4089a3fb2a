import type { Clock } from '../clock.ts'
import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { atomicStatementsMax } from '../limits.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import { PendingWrite, WriteTicket } from '../mailbox/pending-write.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { SqlParameters } from '../procedures/define.ts'
import { detach, type Measured } from '../wire/values.ts'
import type { AtomicStatement, WriteWork } from '../writer/batch.ts'
import type { CompiledQuery, Statement, WriteOptions } from './types.ts'

export interface AdmissionParts {
  readonly mailbox: Mailbox
  readonly clock: Clock
  readonly onUnheard: (error: LockkeeperError) => void
}

/**
 * The door of the mailbox: checks a call, takes its own copy of what was handed in, and answers with a ticket. It never
 * throws and never waits: what is refused is a ticket that fails.
 */
export class Admission {
  readonly #parts: AdmissionParts

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  statement<Result>(
    sql: string,
    parameters: SqlParameters | undefined,
    options: WriteOptions = {},
  ): Ticket<Result> {
    return this.#admit(options, undefined, () => {
      assertText(sql)
      const { value, bytes } = detach(parameters)
      assertParameters(value)
      return { value: { kind: 'statement', sql, parameters: value }, bytes: bytes + sql.length }
    })
  }

  atomic<Result>(statements: readonly Statement[], options: WriteOptions = {}): Ticket<Result> {
    return this.#admit(options, undefined, () => {
      if (!Array.isArray(statements)) throw invalid('writeAtomic takes a list of statements')
      if (statements.length > atomicStatementsMax) {
        throw invalid(
          `writeAtomic takes at most ${atomicStatementsMax} statements, not ${statements.length}: a list is indivisible, so everybody waits for the whole of it`,
        )
      }
      const { value, bytes } = detach(statements.map(normalised))
      return { value: { kind: 'atomic', statements: value }, bytes }
    })
  }

  procedure<Result>(name: string, input: unknown, options: WriteOptions = {}): Ticket<Result> {
    return this.#admit(options, name, () => {
      const { value, bytes } = detach(input)
      return { value: { kind: 'procedure', name, input: value }, bytes }
    })
  }

  /** A ticket that has failed already. */
  refused<Result>(error: LockkeeperError, label: string | undefined): Ticket<Result> {
    const write = this.#pending<Result>(nothing, 'user', label, {})
    write.fail(asRefusal(error, label))
    return new WriteTicket(write)
  }

  #admit<Result>(
    options: WriteOptions,
    name: string | undefined,
    work: () => Measured<WriteWork>,
  ): Ticket<Result> {
    try {
      assertOptions(options)
      const write = this.#pending<Result>(work(), options.lane ?? 'user', options.label ?? name, options)
      this.#parts.mailbox.enter(write as PendingWrite)
      return new WriteTicket(write)
    } catch (thrown) {
      if (!isLockkeeperError(thrown)) throw thrown
      return this.refused(thrown, options?.label ?? name)
    }
  }

  #pending<Result>(
    { value, bytes }: Measured<WriteWork>,
    lane: LaneName,
    label: string | undefined,
    { deadlineMs, signal }: WriteOptions,
  ): PendingWrite<Result> {
    const { clock, onUnheard } = this.#parts
    return new PendingWrite<Result>({
      work: value,
      lane,
      label,
      bytes,
      enteredAtMs: clock.now(),
      deadlineMs,
      signal,
      onUnheard,
    })
  }
}

const nothing: Measured<WriteWork> = { value: { kind: 'atomic', statements: [] }, bytes: 0 }

/** A query builder's output, as `[sql, parameters]`. */
export function normalised(statement: Statement): AtomicStatement {
  const [sql, parameters] =
    typeof statement === 'string'
      ? [statement, undefined]
      : isCompiled(statement)
        ? [statement.sql, statement.parameters as SqlParameters]
        : statement
  assertText(sql)
  assertParameters(parameters)
  return [sql, parameters]
}

export function isCompiled(value: unknown): value is CompiledQuery {
  return typeof value === 'object' && value !== null && 'sql' in value && 'parameters' in value
}

export function assertText(sql: unknown): asserts sql is string {
  if (typeof sql !== 'string') throw invalid(`the SQL is a string, not ${typeof sql}`)
}

/** Before anything is sent: the binding would say it later, in other words. */
export function assertParameters(parameters: unknown): void {
  if (parameters === undefined || Array.isArray(parameters)) return
  if (typeof parameters === 'object' && parameters !== null && !(parameters instanceof Uint8Array)) return
  throw invalid('parameters are an array, or an object for named ones')
}

function assertOptions(options: WriteOptions): void {
  const { lane, label, deadlineMs, signal } = options
  if (lane !== undefined && !laneNames.includes(lane)) {
    throw invalid(`lane is one of ${laneNames.join(', ')}, not ${String(lane)}`)
  }
  if (label !== undefined && typeof label !== 'string') throw invalid('label is a string')
  if (deadlineMs !== undefined && !(typeof deadlineMs === 'number' && deadlineMs >= 0)) {
    throw invalid(`deadlineMs is a number of milliseconds, not ${String(deadlineMs)}`)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('signal is an AbortSignal')
}

export function invalid(why: string): LockkeeperError {
  return new LockkeeperError(`Invalid call: ${why}`, { code: 'invalid-argument', stage: 'admission' })
}

function asRefusal(error: LockkeeperError, label: string | undefined): LockkeeperError {
  return new LockkeeperError(error.message, { ...error, cause: error.cause, outcome: 'not-stored', label })
}
