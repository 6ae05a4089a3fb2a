import type { Clock } from '../clock.ts'
import type { OfferOptions, Statement, WriteOptions } from '../database/types.ts'
import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { JobOrder, JobState } from '../jobs/job-state.ts'
import { atomicStatementsMax } from '../limits.ts'
import type { MaintenanceResults, MaintenanceTask } from '../maintenance/task.ts'
import type { MaintenanceOptions } from '../maintenance/types.ts'
import type { SqlParameters } from '../procedures/define.ts'
import { detach, type Measured } from '../wire/values.ts'
import type { WriteWork } from '../writer/batch.ts'
import { type BulkChunk, type PostChunk, sendRows } from '../writer/bulk.ts'
import type { Durability } from '../writer/durability.ts'
import { assertOptions, assertParameters, assertTask, assertText, invalid, normalised } from './arguments.ts'
import type { LaneName } from './lane-name.ts'
import type { Mailbox } from './mailbox.ts'
import { PendingWrite, type PendingWriteFields, WriteTicket } from './pending-write.ts'
import type { Ticket } from './ticket.ts'

/** Where the rows of bulk writes go ahead of their write. */
export interface BulkSink {
  /** @throws LockkeeperError `thread-lost` while there is no thread to send them to. */
  post(id: number, chunk: BulkChunk, transfer: ArrayBuffer[]): void
  /** @throws LockkeeperError `thread-lost` where the thread that has the rows has gone. */
  assertWhole(id: number): void
  forget(id: number): void
}

export interface AdmissionParts {
  readonly bulks: BulkSink
  readonly mailbox: Mailbox
  readonly clock: Clock
  readonly durability: Durability
  readonly onUnheard: (error: LockkeeperError) => void
  /** A best-effort write came to nothing. */
  readonly onDropped: (error: LockkeeperError, lane: LaneName) => void
}

/**
 * The door of the mailbox: checks a call, takes its own copy of what was handed in, and answers with a ticket. It never
 * throws and never waits: what is refused is a ticket that fails.
 */
export class Admission {
  #lastBulk = 0
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
      const { value, bytes } = detach(parameters, options.transfer)
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
      const { value, bytes } = detach(statements.map(normalised), options.transfer)
      return { value: { kind: 'atomic', statements: value }, bytes }
    })
  }

  procedure<Result>(name: string, input: unknown, options: WriteOptions = {}): Ticket<Result> {
    return this.#admit(options, name, () => {
      const { value, bytes } = detach(input, options.transfer)
      return { value: { kind: 'procedure', name, input: value }, bytes }
    })
  }

  /** One statement with many rows, in one transaction. The rows are read while the call is under way. */
  many<Result>(sql: string, rows: Iterable<SqlParameters>, options: WriteOptions = {}): Ticket<Result> {
    const { bulks, mailbox } = this.#parts
    const id = ++this.#lastBulk
    try {
      assertOptions(options)
      assertText(sql)
      if (typeof rows?.[Symbol.iterator] !== 'function')
        throw invalid('writeMany takes an array or another iterable of rows')
      const work: WriteWork = { kind: 'bulk', sql, id }
      const write = this.#pending<Result>(
        { value: work, bytes: sql.length },
        options.lane ?? 'user',
        options.label,
        options,
      )
      write.sending = true
      write.whenSettled(() => bulks.forget(id))
      // It takes its place now; its rows follow once it has one, so that a full lane bounds them too.
      write.onAdmitted = () => this.#send(write as PendingWrite, id, rows)
      mailbox.enter(write as PendingWrite)
      return new WriteTicket(write)
    } catch (thrown) {
      return this.refused(misuse(thrown), options?.label)
    }
  }

  #send(write: PendingWrite, id: number, rows: Iterable<SqlParameters>): void {
    const { bulks, mailbox } = this.#parts
    const isWanted = (): boolean => !write.settled
    const post: PostChunk = (chunk, transfer, bytes) => {
      bulks.post(id, chunk, transfer)
      write.bytesSent += bytes
    }
    sendRows(rows, isWanted, post)
      .then(() => bulks.assertWhole(id))
      .then(
        () => mailbox.complete(write),
        (thrown) => mailbox.fail(write, asRefusal(misuse(thrown), write.label)),
      )
  }

  /** A job's order. Its steps are background work; what a person asks of it comes first. */
  job(order: JobOrder, procedure: string): Ticket<JobState> {
    const isStep = order.order === 'step'
    return this.#admit(
      { lane: isStep ? 'background' : 'user' },
      procedure,
      () => {
        const { value, bytes } = detach(order)
        return { value: { kind: 'job', order: value }, bytes }
      },
      { bypass: isStep },
    )
  }

  /** Work on the file itself. */
  maintenance<Name extends MaintenanceTask['name']>(
    task: MaintenanceTask & { readonly name: Name },
    options: MaintenanceOptions = {},
  ): Ticket<MaintenanceResults[Name]> {
    const { lane = 'background', label, deadlineMs, signal, after } = options
    return this.#admit({ lane, label, deadlineMs, signal, after }, `lockkeeper.${task.name}`, () => {
      assertTask(task)
      return { value: { kind: 'maintenance', task }, bytes: 0 }
    })
  }

  /** Best effort: no ticket, no error; what came to nothing is counted. @returns whether it was taken in. */
  offer(sql: string, parameters: SqlParameters | undefined, options: OfferOptions = {}): boolean {
    try {
      assertOptions(options)
      assertText(sql)
      assertParameters(parameters)
      const { value, bytes } = detach(parameters, options.transfer)
      const work: WriteWork = { kind: 'statement', sql, parameters: value }
      const write = this.#pending(
        { value: work, bytes },
        options.lane ?? 'background',
        options.label,
        options,
        {
          bestEffort: true,
        },
      )
      this.#parts.mailbox.enter(write)
      return !write.settled
    } catch (thrown) {
      this.#parts.onDropped(asRefusal(misuse(thrown), options?.label), 'background')
      return false
    }
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
    kind: WriteKind = {},
  ): Ticket<Result> {
    try {
      assertOptions(options)
      const write = this.#pending<Result>(
        work(),
        options.lane ?? 'user',
        options.label ?? name,
        options,
        kind,
      )
      this.#parts.mailbox.enter(write as PendingWrite)
      return new WriteTicket(write)
    } catch (thrown) {
      return this.refused(misuse(thrown), options?.label ?? name)
    }
  }

  #pending<Result>(
    { value, bytes }: Measured<WriteWork>,
    lane: LaneName,
    label: string | undefined,
    { deadlineMs, signal, durability = this.#parts.durability, after, idempotencyKey }: WriteOptions,
    { bypass, bestEffort }: WriteKind = {},
  ): PendingWrite<Result> {
    const { clock, onUnheard, onDropped } = this.#parts
    return new PendingWrite<Result>({
      work: value,
      lane,
      label,
      bytes,
      enteredAtMs: clock.now(),
      deadlineMs,
      signal,
      durability,
      after: WriteTicket.writeOf(after),
      idempotencyKey,
      bypass,
      bestEffort,
      onUnheard: bestEffort ? onDropped : onUnheard,
    })
  }
}

/** What sets a write apart from an ordinary one. */
type WriteKind = Pick<PendingWriteFields, 'bypass' | 'bestEffort'>

const nothing: Measured<WriteWork> = { value: { kind: 'atomic', statements: [] }, bytes: 0 }

/** Whatever the caller's own values throw while they are read (a getter, a buffer that is gone) is the call's failure. */
function misuse(thrown: unknown): LockkeeperError {
  if (isLockkeeperError(thrown)) return thrown
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new LockkeeperError(`Invalid call: its values cannot be read (${why})`, {
    code: 'invalid-argument',
    stage: 'admission',
    cause: thrown,
  })
}

function asRefusal(error: LockkeeperError, label: string | undefined): LockkeeperError {
  return new LockkeeperError(error.message, { ...error, cause: error.cause, outcome: 'not-stored', label })
}
