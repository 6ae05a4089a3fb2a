import type { Outcome } from '../errors/codes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { withoutStack } from '../errors/without-stack.ts'
import type { WriteTracer } from '../telemetry/channels/write-tracer.ts'
import type { WriteRow } from '../telemetry/write-row.ts'
import type { WriteWork } from '../writer/batch.ts'
import type { Durability } from '../writer/durability.ts'
import type { LaneName } from './lane-name.ts'
import type { Ticket, TicketOutcome } from './ticket.ts'
import type { WriteList } from './write-list.ts'

export interface PendingWriteFields extends WriteTerms {
  readonly work: WriteWork
  readonly lane: LaneName
  readonly label: string | undefined
  /** What its message will carry, roughly. */
  readonly bytes: number
  readonly enteredAtMs: number
  readonly durability: Durability
  /** Told of a failure that nobody was waiting for. */
  readonly onUnheard: (error: LockkeeperError, lane: LaneName) => void
}

/** What few writes say. Most have none of it, and pay nothing for it. */
export interface WriteTerms {
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** A write that must have its outcome before this one enters its lane. */
  readonly after?: PendingWrite | undefined
  readonly idempotencyKey?: string | undefined
  /** Our own, of bounded number: let in whatever the lane's depth. */
  readonly bypass?: boolean | undefined
  /** Nobody holds a ticket: a failure is told at once. */
  readonly bestEffort?: boolean | undefined
}

/**
 * A write from admission to its outcome. It is its own link in its lane's queue, so that entering, leaving and being taken
 * back are O(1) and cost no further object.
 */
export class PendingWrite<Result = unknown> {
  readonly work: WriteWork
  readonly lane: LaneName
  readonly label: string | undefined
  readonly bytes: number
  readonly enteredAtMs: number
  readonly durability: Durability
  seq: number | undefined
  previous: PendingWrite | undefined
  next: PendingWrite | undefined
  /** Where it waits now. */
  list: WriteList | undefined
  /** The mailbox it was handed to. */
  home: { promote(write: PendingWrite): void } | undefined
  /** Somebody waits for it, so that its lane is served soon. */
  awaited = false
  /** A bulk write whose rows are still on their way: it keeps its place, and its lane waits for it. */
  sending = false
  /** Told when it gets its place in a lane. */
  onAdmitted: (() => void) | undefined
  /** How often the writer's thread died while running it. */
  strikes = 0
  /** When the lock was first asked for on its behalf and not given. */
  refusedLockSinceMs: number | undefined
  /** Ends its deadline timer and its abort listener, while it waits. */
  stopWatching: (() => void) | undefined
  /** Where it is accounted for, from when it waits until it has its outcome. */
  row: WriteRow | undefined
  /** Tells of it to those who listen; undefined where nobody did when it was called. */
  tracer: WriteTracer | undefined
  /** When a batch took it, or had the lock, if that came later; undefined while it waits for its turn. */
  takenAtMs: number | undefined
  /** How long its batches have waited for another process's lock. */
  beginWaitMs = 0
  /** Of a bulk write's rows, as far as they have been sent. */
  bytesSent = 0
  readonly #terms: WriteTerms | undefined
  readonly #onUnheard: (error: LockkeeperError, lane: LaneName) => void
  #outcome: TicketOutcome<Result> | undefined
  #heard = false
  #followers: (() => void)[] | undefined
  #promise: Promise<Result> | undefined
  #resolve: ((result: Result) => void) | undefined
  #reject: ((error: LockkeeperError) => void) | undefined

  constructor(fields: PendingWriteFields) {
    this.work = fields.work
    this.lane = fields.lane
    this.label = fields.label
    this.bytes = fields.bytes
    this.enteredAtMs = fields.enteredAtMs
    this.durability = fields.durability
    this.#onUnheard = fields.onUnheard
    this.#terms = termsOf(fields)
  }

  get deadlineMs(): number | undefined {
    return this.#terms?.deadlineMs
  }

  get signal(): AbortSignal | undefined {
    return this.#terms?.signal
  }

  get after(): PendingWrite | undefined {
    return this.#terms?.after
  }

  get idempotencyKey(): string | undefined {
    return this.#terms?.idempotencyKey
  }

  get bypass(): boolean {
    return this.#terms?.bypass ?? false
  }

  get bestEffort(): boolean {
    return this.#terms?.bestEffort ?? false
  }

  get settled(): boolean {
    return this.#outcome !== undefined
  }

  commit(result: Result): void {
    this.#end({ outcome: 'committed', result })
    this.#resolve?.(result)
  }

  fail(error: LockkeeperError): void {
    this.#end({ outcome: error.outcome ?? 'not-stored', error })
    if (this.#heard) this.#reject?.(error)
    else if (this.bestEffort) this.#onUnheard(error, this.lane)
    else {
      // The caller may still be about to await it, in this turn of the event loop.
      setImmediate(() => {
        if (!this.#heard) this.#onUnheard(error, this.lane)
      })
    }
  }

  /** The result, or a rejection with the error. Made when it is first asked for. */
  promise(): Promise<Result> {
    this.#heard = true
    this.#promise ??= this.#makePromise()
    return this.#promise
  }

  /** How it ended; never rejects. */
  async outcome(): Promise<TicketOutcome<Result>> {
    await this.promise().then(ignore, ignore)
    return this.#outcome as TicketOutcome<Result>
  }

  /** Calls back once it has its outcome. */
  whenSettled(callback: () => void): void {
    if (this.settled) callback()
    else if (this.#followers === undefined) this.#followers = [callback]
    else this.#followers.push(callback)
  }

  /** Somebody waits for it: it should have its turn soon. */
  promote(): void {
    this.home?.promote(this as PendingWrite)
  }

  #makePromise(): Promise<Result> {
    const ended = this.#outcome
    if (ended === undefined) {
      return new Promise((resolve, reject) => {
        this.#resolve = resolve
        this.#reject = reject
      })
    }
    return 'error' in ended ? Promise.reject(ended.error) : Promise.resolve(ended.result)
  }

  #end(outcome: TicketOutcome<Result>): void {
    if (this.#outcome !== undefined) throw new Error('A write was settled twice')
    this.#outcome = outcome
    this.row?.ended(this as PendingWrite, outcome.outcome === 'committed')
    this.tracer?.ended(this as PendingWrite, outcome)
    if (this.#followers === undefined) return
    for (const follower of this.#followers) follower()
    this.#followers = undefined
  }
}

function ignore(): void {}

function termsOf(fields: PendingWriteFields): WriteTerms | undefined {
  const { deadlineMs, signal, after, idempotencyKey, bypass, bestEffort } = fields
  const has =
    deadlineMs !== undefined ||
    signal !== undefined ||
    after !== undefined ||
    idempotencyKey !== undefined ||
    bypass ||
    bestEffort
  return has ? { deadlineMs, signal, after, idempotencyKey, bypass, bestEffort } : undefined
}

/** What the caller holds: the write's outcome to come, and no way to meddle with it. */
export class WriteTicket<Result> implements Ticket<Result> {
  readonly #write: PendingWrite<Result>

  constructor(write: PendingWrite<Result>) {
    this.#write = write
  }

  /** The write behind a ticket of ours. */
  static writeOf(ticket: unknown): PendingWrite | undefined {
    return ticket instanceof WriteTicket ? (ticket.#write as PendingWrite) : undefined
  }

  get seq(): number | undefined {
    return this.#write.seq
  }

  outcome(): Promise<TicketOutcome<Result>> {
    return this.#write.outcome()
  }

  // biome-ignore lint/suspicious/noThenProperty: a ticket is a thenable by design, so that it costs no promise until awaited
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((result: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#write.promise().then(onFulfilled, onRejected)
  }

  catch<Otherwise = never>(
    onRejected: (reason: unknown) => Otherwise | PromiseLike<Otherwise>,
  ): Promise<Result | Otherwise> {
    return this.#write.promise().catch(onRejected)
  }

  finally(onFinally: () => void): Promise<Result> {
    return this.#write.promise().finally(onFinally)
  }
}

/** The error of a write that ended before it was run. */
export function notStored(
  message: string,
  fields: {
    readonly code: LockkeeperError['code']
    readonly label?: string | undefined
    readonly retryAfterMs?: number | undefined
    readonly retryable?: boolean
    readonly cause?: unknown
    readonly outcome?: Outcome
  },
): LockkeeperError {
  return withoutStack(
    () => new LockkeeperError(message, { stage: 'admission', outcome: 'not-stored', ...fields }),
  )
}
