import { type Clock, systemClock } from '../clock.ts'
import type { SignalsState } from '../engine/signals.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { readsWaitingMax, strikesMax } from '../limits.ts'
import { Patience } from '../mailbox/patience.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { ThreadProfile } from '../threads/profile-reporter.ts'
import { endedRead, type GoodAnswer, type PendingRead } from './pending-read.ts'
import { ReadQueue } from './read-queue.ts'
import { ReaderSeat, type SeatDesk, type SeatOptions } from './seat.ts'

export interface ReadDeskOptions extends Omit<SeatOptions, 'clock'> {
  readonly readers: number
  readonly counters: Counters
  readonly clock?: Clock | undefined
  readonly onSignals?: ((state: SignalsState) => void) | undefined
}

/**
 * The app thread's side of the read pool: a bounded queue, and a seat for each reader. A read goes to a free reader at
 * once, and never waits behind a busy one while another is free (promise 7). At its deadline or abort it ends, wherever it
 * is (promise 15).
 */
export class ReadDesk implements SeatDesk {
  readonly seats: readonly ReaderSeat[]
  readonly counters: Counters
  readonly #waiting = new ReadQueue()
  readonly #clock: Clock
  readonly #patience: Patience<PendingRead>
  readonly #onSignals: ((state: SignalsState) => void) | undefined
  #refusal: LockkeeperError | undefined

  constructor(options: ReadDeskOptions) {
    const { clock = systemClock, counters } = options
    this.counters = counters
    this.#clock = clock
    this.#onSignals = options.onSignals
    this.#patience = new Patience(clock, endedRead, (read, error) => this.#giveUp(read, error))
    this.seats = Array.from({ length: options.readers }, () => new ReaderSeat(this, { ...options, clock }))
  }

  toJSON(): object {
    return { waiting: this.waiting, busy: this.seats.filter((seat) => seat.isBusy).length }
  }

  get waiting(): number {
    return this.#waiting.depth
  }

  submit(read: PendingRead): void {
    read.enteredAtMs = this.#clock.now()
    const exhausted = this.#patience.exhausted(read)
    const refusal = this.#refusal ?? this.#fullNow()
    if (exhausted !== undefined) this.#end(read, exhausted)
    else if (refusal !== undefined) this.fail(read, refusal)
    else {
      this.#patience.watch(read)
      const free = this.seats.find((seat) => seat.isFree)
      if (free === undefined) this.#waiting.push(read)
      else free.take(read)
    }
  }

  next(): PendingRead | undefined {
    return this.#waiting.shift()
  }

  /** A read whose thread died goes to the front, for another reader; one that keeps killing readers is refused. */
  runAgain(read: PendingRead, cause: LockkeeperError): void {
    if (this.#refusal !== undefined || ++read.strikes >= strikesMax) this.fail(read, this.#refusal ?? cause)
    else {
      const free = this.seats.find((seat) => seat.isFree)
      if (free === undefined) this.#waiting.unshift(read)
      else free.take(read)
    }
  }

  /** No reader will come any more, or the database closes: whoever waits is told why. */
  refuse(reason: LockkeeperError): void {
    this.#refusal = reason
    for (let read = this.#waiting.shift(); read !== undefined; read = this.#waiting.shift())
      this.fail(read, reason)
  }

  answer(read: PendingRead, answer: GoodAnswer): void {
    this.#patience.unwatch(read)
    this.counters.reads.answered++
    read.answer(answer)
  }

  fail(read: PendingRead, error: LockkeeperError): void {
    this.#end(
      read,
      new LockkeeperError(error.message, {
        ...error,
        cause: error.cause,
        stage: 'read',
        outcome: undefined,
        label: read.label,
      }),
    )
  }

  countBusy(met: Readonly<Record<string, number>>): void {
    this.counters.countBusy(met)
  }

  onSignals(state: SignalsState): void {
    this.#onSignals?.(state)
  }

  onProfile({ statements }: ThreadProfile): void {
    this.counters.statements.add('reader', statements)
  }

  /** Its caller waits no longer: it is told at once, even if a reader is still at it. */
  #giveUp(read: PendingRead, error: LockkeeperError): void {
    if (read.waits) this.#waiting.remove(read)
    this.#end(read, error)
    this.seats.find((seat) => seat.runs(read))?.giveUp()
  }

  #end(read: PendingRead, error: LockkeeperError): void {
    this.#patience.unwatch(read)
    this.counters.reads.failed++
    read.fail(error)
  }

  #fullNow(): LockkeeperError | undefined {
    if (this.#waiting.depth < readsWaitingMax) return undefined
    return new LockkeeperError(`${readsWaitingMax} reads wait for a reader already: send fewer at a time`, {
      code: 'queue-full',
      stage: 'admission',
      retryable: true,
      retryAfterMs: 50,
    })
  }
}
