import type { Clock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { readsPerMessageMax, readsWaitingMax } from '../limits.ts'
import type { ReadDesk } from './desk.ts'
import type { PendingRead, Settling } from './pending-read.ts'
import type { ReadClass } from './read-class.ts'
import { ReadQueue } from './read-queue.ts'
import type { ReaderSeat } from './seat.ts'
import type { Tenant, TenantMessage } from './tenant.ts'

export interface SnapshotLeaseFields {
  readonly readClass: ReadClass
  readonly label: string | undefined
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly after?: Settling | undefined
  /** How old the snapshot may get. */
  readonly ageMsMax: number
  readonly desk: ReadDesk
  readonly clock: Clock
}

type Phase = 'waiting' | 'beginning' | 'open' | 'ending' | 'over'

/**
 * A reader lent for a snapshot: a read transaction in which several reads see one state. It ends with its scope, at its
 * longest age, its deadline or its abort, and with its thread; whatever ends it, its reads and its reader come back.
 */
export class SnapshotLease implements Tenant {
  readonly readClass: ReadClass
  readonly label: string | undefined
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly after: Settling | undefined
  enteredAtMs = 0
  lentAtMs = 0
  stopWatching: (() => void) | undefined
  /** Resolves once reads can be made, rejects if it gets no reader. */
  readonly begun: Promise<void>
  readonly #fields: SnapshotLeaseFields
  readonly #reads = new ReadQueue()
  #resolve: () => void = () => {}
  #reject: (error: LockkeeperError) => void = () => {}
  #phase: Phase = 'waiting'
  #seat: ReaderSeat | undefined
  #ageTimer: unknown
  /** Why reads are refused from now on. */
  #reason: LockkeeperError | undefined

  constructor(fields: SnapshotLeaseFields) {
    this.#fields = fields
    this.readClass = fields.readClass
    this.label = fields.label
    this.deadlineMs = fields.deadlineMs
    this.signal = fields.signal
    this.after = fields.after
    this.begun = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  /** Its scope is open. Once that has ended, at its end or before, the reader may still be on its way back. */
  get takesReads(): boolean {
    return this.#reason === undefined
  }

  /** One more read of the snapshot's state, in line. */
  submit(read: PendingRead): void {
    const { desk } = this.#fields
    const exhausted = desk.watch(read, this.readClass)
    const reason = this.#reason ?? this.#fullNow() ?? exhausted
    if (reason !== undefined) {
      desk.fail(read, reason)
      return
    }
    this.#reads.push(read)
    this.#seat?.nudge()
  }

  /** The scope has ended: what was not awaited in it is told so. */
  end(): void {
    this.#stop(snapshotEnded(this.label))
  }

  onLent(seat: ReaderSeat): void {
    this.#seat = seat
    this.#phase = 'beginning'
    seat.post({ type: 'begin' })
    const { clock, ageMsMax } = this.#fields
    this.#ageTimer = clock.setTimeout(() => this.#stop(expired(ageMsMax, this.label)), ageMsMax)
  }

  onMessage(message: TenantMessage): void {
    if (message.type === 'begun') this.#onBegun(message.error && errorFromWire(message.error))
    else if (message.type === 'ended') this.#onEnded()
  }

  nextReads(): PendingRead[] {
    const reads: PendingRead[] = []
    if (this.#phase !== 'open') return reads
    while (reads.length < readsPerMessageMax) {
      const read = this.#reads.shift()
      if (read === undefined) break
      // Given up while it was in line.
      if (!read.settled) reads.push(read)
    }
    return reads
  }

  /** To the front, in their order: what they see is this snapshot’s, and no other reader has it. */
  putBack(reads: readonly PendingRead[]): void {
    for (const read of reads.toReversed()) this.#reads.unshift(read)
  }

  /** It gets no reader, has lost it, or its time is over. */
  onLost(cause: LockkeeperError): void {
    const threadLost = cause.code === 'thread-lost'
    if (threadLost) {
      this.#seat = undefined
      this.#refuseReads(cause)
      this.#over(cause)
    } else this.#stop(cause)
  }

  /** No more reads; the one that runs is ended; then the reader goes back. */
  #stop(reason: LockkeeperError): void {
    if (this.#reason !== undefined) return
    this.#refuseReads(reason)
    const seat = this.#seat
    if (seat === undefined) {
      this.#over(reason)
      return
    }
    const { desk } = this.#fields
    // Whoever waits for it to begin is told now, and its reader goes back once it has.
    this.#reject(reason)
    if (this.#phase === 'beginning') {
      desk.watchOverdue(seat, () => this.#phase === 'beginning')
      return
    }
    seat.watch.endReads((read) => desk.fail(read, reason))
    this.#phase = 'ending'
    seat.post({ type: 'end' })
    desk.watchOverdue(seat, () => seat.runsFor(this))
  }

  #refuseReads(reason: LockkeeperError): void {
    this.#reason = reason
    for (let read = this.#reads.shift(); read !== undefined; read = this.#reads.shift()) {
      if (!read.settled) this.#fields.desk.fail(read, reason)
    }
  }

  #onBegun(error: LockkeeperError | undefined): void {
    if (error !== undefined) {
      this.#refuseReads(error)
      this.#giveBack()
      this.#over(error)
    } else if (this.#reason !== undefined) {
      this.#phase = 'ending'
      this.#seat?.post({ type: 'end' })
    } else {
      this.#phase = 'open'
      this.#resolve()
    }
  }

  #onEnded(): void {
    this.#giveBack()
    this.#over(this.#reason ?? snapshotEnded(this.label))
  }

  #giveBack(): void {
    const seat = this.#seat
    this.#seat = undefined
    seat?.returned()
  }

  #over(reason: LockkeeperError): void {
    this.#phase = 'over'
    const { clock, desk } = this.#fields
    clock.clearTimeout(this.#ageTimer)
    desk.forget(this)
    // Of no effect once it has begun.
    this.#reject(reason)
  }

  #fullNow(): LockkeeperError | undefined {
    if (this.#reads.depth < readsWaitingMax) return undefined
    return new LockkeeperError(
      `${readsWaitingMax} reads wait in this snapshot already: send fewer at a time`,
      {
        code: 'queue-full',
        stage: 'admission',
        retryable: true,
        retryAfterMs: 50,
      },
    )
  }
}

function expired(ageMsMax: number, label: string | undefined): LockkeeperError {
  return new LockkeeperError(
    `The snapshot was open for ${ageMsMax} ms, which is its longest age: what it pins keeps the log from being emptied. Read less in one scope, or give it a longer ageMsMax`,
    { code: 'snapshot-expired', stage: 'read', label },
  )
}

export function snapshotEnded(label: string | undefined): LockkeeperError {
  return new LockkeeperError(
    'The scope of this snapshot has ended: await its reads inside the function that was given it',
    { code: 'snapshot-ended', stage: 'read', label },
  )
}
