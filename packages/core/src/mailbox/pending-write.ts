import type { Outcome } from '../errors/codes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { WriteWork } from '../writer/batch.ts'
import type { Durability } from '../writer/durability.ts'
import type { LaneName } from './lane-name.ts'
import type { Ticket, TicketOutcome } from './ticket.ts'
import type { WriteList } from './write-list.ts'

export interface PendingWriteFields {
  readonly work: WriteWork
  readonly lane: LaneName
  readonly label: string | undefined
  /** What its message will carry, roughly. */
  readonly bytes: number
  readonly enteredAtMs: number
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly durability: Durability
  /** A write that must have its outcome before this one enters its lane. */
  readonly after?: PendingWrite | undefined
  readonly idempotencyKey?: string | undefined
  /** Our own, of bounded number: let in whatever the lane's depth. */
  readonly bypass?: boolean | undefined
  /** Nobody holds a ticket: a failure is told at once. */
  readonly bestEffort?: boolean | undefined
  /** Told of a failure that nobody was waiting for. */
  readonly onUnheard: (error: LockkeeperError) => void
}

/**
 * A write from admission to its outcome. It is its own link in its lane's queue, so that entering, leaving and being taken
 * back are O(1) and cost no further object.
 */
export class PendingWrite<Result = unknown> {
  readonly fields: PendingWriteFields
  seq: number | undefined
  previous: PendingWrite | undefined
  next: PendingWrite | undefined
  /** Where it waits now. */
  list: WriteList | undefined
  /** How often the writer's thread died while running it. */
  strikes = 0
  /** When the lock was first asked for on its behalf and not given. */
  refusedLockSinceMs: number | undefined
  /** Ends its deadline timer and its abort listener, while it waits. */
  stopWatching: (() => void) | undefined
  #outcome: TicketOutcome<Result> | undefined
  #heard = false
  #followers: (() => void)[] | undefined
  #settle: ((outcome: TicketOutcome<Result>) => void) | undefined
  #settled: Promise<TicketOutcome<Result>> | undefined

  constructor(fields: PendingWriteFields) {
    this.fields = fields
  }

  get settled(): boolean {
    return this.#outcome !== undefined
  }

  commit(result: Result): void {
    this.#end({ outcome: 'committed', result })
  }

  fail(error: LockkeeperError): void {
    this.#end({ outcome: error.outcome ?? 'not-stored', error })
    if (this.#heard) return
    if (this.fields.bestEffort) {
      this.fields.onUnheard(error)
      return
    }
    // The caller may still be about to await it, in this turn of the event loop.
    setImmediate(() => {
      if (!this.#heard) this.fields.onUnheard(error)
    })
  }

  /** How it ended; never rejects. */
  outcome(): Promise<TicketOutcome<Result>> {
    this.#heard = true
    this.#settled ??=
      this.#outcome === undefined
        ? new Promise((resolve) => {
            this.#settle = resolve
          })
        : Promise.resolve(this.#outcome)
    return this.#settled
  }

  /** Calls back once it has its outcome. */
  whenSettled(callback: () => void): void {
    if (this.settled) callback()
    else this.#followers = [...(this.#followers ?? []), callback]
  }

  #end(outcome: TicketOutcome<Result>): void {
    if (this.#outcome !== undefined) throw new Error('A write was settled twice')
    this.#outcome = outcome
    this.#settle?.(outcome)
    if (this.#followers === undefined) return
    for (const follower of this.#followers) follower()
    this.#followers = undefined
  }
}

/** What the caller holds: the write's outcome to come, and no way to meddle with it. */
export class WriteTicket<Result> implements Ticket<Result> {
  readonly #write: PendingWrite<Result>
  #result: Promise<Result> | undefined

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
    return this.#promise().then(onFulfilled, onRejected)
  }

  catch<Otherwise = never>(
    onRejected: (reason: unknown) => Otherwise | PromiseLike<Otherwise>,
  ): Promise<Result | Otherwise> {
    return this.#promise().catch(onRejected)
  }

  finally(onFinally: () => void): Promise<Result> {
    return this.#promise().finally(onFinally)
  }

  #promise(): Promise<Result> {
    this.#result ??= this.#write.outcome().then((ended) => {
      if ('error' in ended) throw ended.error
      return ended.result
    })
    return this.#result
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
  return new LockkeeperError(message, { stage: 'admission', outcome: 'not-stored', ...fields })
}
