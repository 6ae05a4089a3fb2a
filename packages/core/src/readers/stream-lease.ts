import type { Clock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import type { SqlParameters } from '../procedures/define.ts'
import { type PackedRows, unpackObjects } from '../wire/rows.ts'
import type { ReadDesk } from './desk.ts'
import type { PendingRead, Settling } from './pending-read.ts'
import type { ReaderSeat } from './seat.ts'
import type { Tenant, TenantMessage } from './tenant.ts'

export interface StreamLeaseFields {
  readonly sql: string
  readonly parameters: SqlParameters | undefined
  readonly label: string | undefined
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly after?: Settling | undefined
  /** How many rows its consumer has taken, of those that it was given. */
  readonly taken?: (() => number) | undefined
  /** How long it may stand still with nobody asking for a row. */
  readonly idleMsMax: number
  readonly desk: ReadDesk
  readonly clock: Clock
}

/**
 * A reader lent for a stream. One chunk is on its way while the consumer goes through the one before, and no more: a slow
 * consumer holds the statement still, not the rows in memory. A consumer that walks away loses its reader.
 */
export class StreamLease<Row> implements Tenant {
  readonly label: string | undefined
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly after: Settling | undefined
  enteredAtMs = 0
  lentAtMs = 0
  stopWatching: (() => void) | undefined
  readonly #fields: StreamLeaseFields
  #seat: ReaderSeat | undefined
  #work = 0
  /** A chunk that has come and was not asked for yet. */
  #chunk: Row[] | undefined
  #wanted:
    | { resolve: (rows: Row[] | undefined) => void; reject: (error: LockkeeperError) => void }
    | undefined
  #isLast = false
  #error: LockkeeperError | undefined
  #stopping = false
  #over = false
  #idleTimer: unknown

  constructor(fields: StreamLeaseFields) {
    this.#fields = fields
    this.label = fields.label
    this.deadlineMs = fields.deadlineMs
    this.signal = fields.signal
    this.after = fields.after
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Whether it was ended before its time, so that rows which were not handed out yet are not either. */
  get isCutShort(): boolean {
    return this.#stopping && this.#error !== undefined
  }

  /** The next rows; undefined when there are no more. One call at a time. */
  next(): Promise<Row[] | undefined> {
    this.#fields.clock.clearTimeout(this.#idleTimer)
    const chunk = this.#chunk
    if (chunk !== undefined) {
      this.#chunk = undefined
      this.#askForMore()
      return Promise.resolve(chunk)
    }
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#isLast || this.#stopping) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#wanted = { resolve, reject }
    })
  }

  /** Nobody wants more. Its reader is free as soon as its thread has let go of the statement. */
  stop(): void {
    this.#end(undefined)
  }

  onLent(seat: ReaderSeat): void {
    const { sql, parameters } = this.#fields
    this.#seat = seat
    this.#work = seat.nextWork()
    seat.post({ type: 'stream', id: this.#work, sql, parameters })
  }

  nextReads(): PendingRead[] {
    return []
  }

  putBack(): void {
    throw new Error('A stream was handed reads that it never gave')
  }

  onMessage(message: TenantMessage): void {
    if (message.type === 'ended') this.#giveBack()
    else if (message.type === 'chunk') this.#onChunk(message.rows, message.done, message.error)
  }

  onLost(cause: LockkeeperError): void {
    if (cause.code === 'thread-lost') this.#seat = undefined
    // Its thread will not say any more that it has let go.
    if (this.#stopping && this.#seat === undefined) this.#finish()
    this.#end(cause)
  }

  #onChunk(
    rows: PackedRows | undefined,
    done: boolean,
    error: Parameters<typeof errorFromWire>[0] | undefined,
  ): void {
    // Its thread says when it has let go.
    if (this.#stopping) return
    this.#isLast = done
    if (done) this.#giveBack()
    if (rows !== undefined) this.#chunk = unpackObjects(rows) as Row[]
    if (error !== undefined) this.#error = labelled(errorFromWire(error), this.label)
    const wanted = this.#wanted
    this.#wanted = undefined
    if (wanted === undefined) this.#waitForConsumer()
    else this.next().then(wanted.resolve, wanted.reject)
  }

  #askForMore(): void {
    if (!this.#isLast && !this.#stopping) this.#seat?.post({ type: 'more' })
  }

  /** From now on it is the consumer who lets the reader wait. */
  #waitForConsumer(): void {
    const { clock, idleMsMax, desk, taken } = this.#fields
    if (this.#isLast) return
    const takenBefore = taken?.()
    this.#idleTimer = clock.setTimeout(() => {
      // It still goes through the rows of the chunk before.
      if (taken?.() !== takenBefore) this.#waitForConsumer()
      else {
        desk.counters.streams.reclaimed++
        this.#end(idle(idleMsMax, this.label))
      }
    }, idleMsMax)
  }

  #end(error: LockkeeperError | undefined): void {
    if (this.#stopping || this.#over) return
    this.#stopping = true
    this.#fields.clock.clearTimeout(this.#idleTimer)
    this.#chunk = undefined
    const seat = this.#seat
    if (seat === undefined) this.#finish()
    else if (!this.#isLast) {
      seat.cutOff(this.#work)
      seat.post({ type: 'stop' })
      this.#fields.desk.watchOverdue(seat, () => seat.runsFor(this))
    }
    if (error !== undefined) this.#fail(labelled(error, this.label))
    else {
      this.#wanted?.resolve(undefined)
      this.#wanted = undefined
    }
  }

  #fail(error: LockkeeperError): void {
    this.#error = error
    this.#wanted?.reject(error)
    this.#wanted = undefined
  }

  #giveBack(): void {
    const seat = this.#seat
    this.#seat = undefined
    this.#finish()
    seat?.returned()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#fields.clock.clearTimeout(this.#idleTimer)
    this.#fields.desk.forget(this)
  }
}

function labelled(error: LockkeeperError, label: string | undefined): LockkeeperError {
  return new LockkeeperError(error.message, {
    ...error,
    cause: error.cause,
    stage: 'read',
    outcome: undefined,
    label,
  })
}

function idle(idleMsMax: number, label: string | undefined): LockkeeperError {
  return new LockkeeperError(
    `Nobody asked for the stream's next row within ${idleMsMax} ms, so its reader was taken back. Go through it without long pauses, or give it a longer idleMsMax`,
    { code: 'stream-expired', stage: 'read', label },
  )
}
