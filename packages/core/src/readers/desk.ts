import { type Clock, systemClock } from '../clock.ts'
import type { SignalsState } from '../engine/signals.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { overdueMs, readersRetiredMax, readersSpareMax, strikesMax } from '../limits.ts'
import { Patience } from '../mailbox/patience.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { ThreadProfile } from '../threads/profile-reporter.ts'
import { ClassDesk } from './class-desk.ts'
import { endedRead, endedTenant, type GoodAnswer, type PendingRead } from './pending-read.ts'
import { type ReadClass, readClasses } from './read-class.ts'
import { ReaderSeat } from './seat.ts'
import type { SeatDesk, SeatOptions } from './seat-desk.ts'
import { stoppedReaders } from './stopped-readers.ts'
import type { Tenant } from './tenant.ts'

export interface ReadDeskOptions extends Omit<SeatOptions, 'clock'> {
  /** How many readers of each class. */
  readonly readers: Readonly<Record<ReadClass, number>>
  readonly counters: Counters
  readonly clock?: Clock | undefined
  readonly onSignals?: ((state: SignalsState) => void) | undefined
  readonly onRetired?: ((retired: RetiredReader) => void) | undefined
}

/** A reader that was replaced, because it could not be had back in time or not clean. */
export interface RetiredReader {
  readonly reader: string
  /** Of the work that it was at. */
  readonly label: string | undefined
  readonly reason: 'overdue' | 'lost'
}

/**
 * The app thread's side of the read pool: bounded queues and seats, apart for each class (promise 7). At its deadline or
 * abort a read ends, wherever it is; a reader that can't be had back is replaced (promise 15).
 */
export class ReadDesk {
  readonly classes: Readonly<Record<ReadClass, ClassDesk>>
  readonly counters: Counters
  readonly #options: ReadDeskOptions
  readonly #clock: Clock
  readonly #patience: Patience<PendingRead>
  readonly #tenantPatience: Patience<Tenant>
  readonly #classOf = new WeakMap<PendingRead | Tenant, ReadClass>()
  readonly #retired = new Set<ReaderSeat>()
  #onSeat: ((seat: ReaderSeat) => void) | undefined
  #names = 0
  readonly #refusals: Record<ReadClass, LockkeeperError | undefined> = {
    interactive: undefined,
    background: undefined,
  }

  constructor(options: ReadDeskOptions) {
    const { clock = systemClock, counters } = options
    this.#options = options
    this.counters = counters
    this.#clock = clock
    this.#patience = new Patience(clock, endedRead, (read, error) => this.giveUp(read, error))
    this.#tenantPatience = new Patience(clock, endedTenant, (tenant, error) => this.#endTenant(tenant, error))
    this.classes = { interactive: this.#newClass('interactive'), background: this.#newClass('background') }
    for (const name of readClasses) {
      for (let n = 0; n < options.readers[name]; n++) this.classes[name].seats.push(this.#newSeat(name))
    }
  }

  /** Every reader that serves or will, in the order of their names. */
  get seats(): readonly ReaderSeat[] {
    return readClasses.flatMap((name) => this.classes[name].seats)
  }

  /** Readers that were replaced and have not ended yet. */
  get retired(): readonly ReaderSeat[] {
    return [...this.#retired]
  }

  get waiting(): number {
    return readClasses.reduce((sum, name) => sum + this.classes[name].waiting, 0)
  }

  toJSON(): object {
    return { ...this.classes, retired: this.#retired.size }
  }

  /** Told of a new seat, whose reader has to be started. */
  onSeat(start: ((seat: ReaderSeat) => void) | undefined): void {
    this.#onSeat = start
  }

  submit(read: PendingRead, to: ReadClass): void {
    read.enteredAtMs = this.#clock.now()
    this.counters.ledger?.reads.entered(read, to)
    const desk = this.classes[to]
    const exhausted = this.#patience.exhausted(read)
    const refusal = this.#refusals[to] ?? desk.fullNow('reads')
    if (exhausted !== undefined) this.#end(read, exhausted)
    else if (refusal !== undefined) this.fail(read, refusal)
    else {
      this.#classOf.set(read, to)
      this.#patience.watch(read)
      desk.enter(read)
    }
  }

  /** A snapshot or a stream asks for a reader of its own. */
  submitTenant(tenant: Tenant, to: ReadClass): void {
    tenant.enteredAtMs = this.#clock.now()
    const desk = this.classes[to]
    const reason = this.#tenantPatience.exhausted(tenant) ?? this.#refusals[to] ?? desk.fullNow('tenants')
    if (reason !== undefined) {
      tenant.onLost(reason)
      return
    }
    this.#classOf.set(tenant, to)
    this.counters.ledger?.reads.asked(tenant, to)
    this.#tenantPatience.watch(tenant)
    desk.enterTenant(tenant)
  }

  /** A snapshot or a stream is over: nobody waits for it to be. */
  forget(tenant: Tenant): void {
    this.#tenantPatience.unwatch(tenant)
    const to = this.#classOf.get(tenant)
    if (to === undefined) return
    this.classes[to].leaveTenant(tenant)
    // Told once; its deadline may have ended it before it has given its reader back.
    if (tenant.isOver && this.#classOf.delete(tenant)) this.counters.ledger?.reads.gaveBack(tenant, to)
  }

  /** A read inside a snapshot: in line there, but with its own deadline and signal. */
  watch(read: PendingRead, to: ReadClass): LockkeeperError | undefined {
    read.enteredAtMs = this.#clock.now()
    this.counters.ledger?.reads.entered(read, to)
    const exhausted = this.#patience.exhausted(read)
    if (exhausted === undefined) this.#patience.watch(read)
    return exhausted
  }

  answer(read: PendingRead, answer: GoodAnswer): void {
    this.#patience.unwatch(read)
    this.counters.countRead(read, 'answered')
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
        label: read.label ?? error.label,
      }),
    )
  }

  /** No reader will come any more, or the database closes: whoever waits is told why. */
  refuse(reason: LockkeeperError): void {
    for (const name of readClasses) this.#refuseClass(name, reason)
    for (const seat of [...this.seats, ...this.#retired]) seat.evict(reason)
  }

  /** What a reader is at was given up some time ago: if it still is, another takes its place. */
  watchOverdue(seat: ReaderSeat, isAtIt: () => boolean): void {
    this.#clock.setTimeout(() => {
      if (!isAtIt() || seat.isTerminated) return
      // As many as may be are stuck already: once one of them has ended, there is room for this one.
      if (this.#retired.size >= readersRetiredMax) this.watchOverdue(seat, isAtIt)
      else this.#replace(seat)
    }, overdueMs)
  }

  #refuseClass(name: ReadClass, reason: LockkeeperError): void {
    this.#refusals[name] = reason
    const { reads, tenants } = this.classes[name].empty()
    for (const read of reads) this.fail(read, reason)
    for (const tenant of tenants) {
      this.#tenantPatience.unwatch(tenant)
      tenant.onLost(reason)
    }
  }

  #newClass(to: ReadClass): ClassDesk {
    return new ClassDesk(this.#clock, {
      onStalled: () => this.#grow(to),
      onSpare: (seat) => this.#shrink(to, seat),
    })
  }

  /** One more reader than was asked for, so that those who wait for each other go on. */
  #grow(to: ReadClass): void {
    const { seats } = this.classes[to]
    const most = this.#options.readers[to] + readersSpareMax
    if (this.#onSeat === undefined || this.#refusals[to] !== undefined || seats.length >= most) return
    const seat = this.#newSeat(to)
    seats.push(seat)
    this.#onSeat(seat)
  }

  #shrink(to: ReadClass, seat: ReaderSeat): void {
    const desk = this.classes[to]
    if (desk.serving <= this.#options.readers[to]) return
    desk.seats.splice(desk.seats.indexOf(seat), 1)
    this.#retired.add(seat)
    seat.retire()
  }

  #newSeat(to: ReadClass): ReaderSeat {
    return new ReaderSeat(
      `reader-${++this.#names}`,
      this.#seatDesk(to),
      { ...this.#options, clock: this.#clock },
      to === 'background',
    )
  }

  /** What the seats of a class tell. */
  #seatDesk(to: ReadClass): SeatDesk {
    return {
      answer: (read, answer) => this.answer(read, answer),
      fail: (read, error) => this.fail(read, error),
      ran: (read, ms, rows) => this.counters.ledger?.reads.ran(read, ms, rows),
      putBack: (reads) => this.#putBack(reads, to),
      runAgain: (read, cause) => this.#runAgain(read, cause, to),
      onFree: () => this.classes[to].onFree(),
      onGone: (seat) => this.#retired.delete(seat),
      onStopped: (cause) => {
        if (this.classes[to].serving === 0) this.#refuseClass(to, stoppedReaders(cause, to))
      },
      onLeak: (seat, label) => {
        // When everything ends, so do those that are still lent.
        if (this.#refusals[to] === undefined) this.#onRetired({ reader: seat.name, label, reason: 'lost' })
      },
      countBusy: (met) => this.counters.countBusy(met),
      onSignals: (state) => this.#options.onSignals?.(state),
      onProfile: (profile: ThreadProfile) => this.counters.statements.add('reader', profile.statements),
    }
  }

  #putBack(reads: readonly PendingRead[], to: ReadClass): void {
    const refusal = this.#refusals[to]
    if (refusal === undefined) this.classes[to].putBack(reads)
    else for (const read of reads) this.fail(read, refusal)
  }

  /** A read whose thread died goes to the front, for another reader; one that keeps killing readers is refused. */
  #runAgain(read: PendingRead, cause: LockkeeperError, to: ReadClass): void {
    const refusal = this.#refusals[to]
    if (refusal !== undefined || ++read.strikes >= strikesMax) this.fail(read, refusal ?? cause)
    else this.classes[to].putBack([read])
  }

  /** Its caller waits no longer: it is told at once, even if a reader is still at it. */
  giveUp(read: PendingRead, error: LockkeeperError): void {
    const to = this.#classOf.get(read)
    if (to !== undefined) this.classes[to].leave(read)
    this.#end(read, error)
    const seat = [...this.seats, ...this.#retired].find((other) => other.holds(read))
    if (seat === undefined) return
    seat.watch.giveUp(read)
    const served = this.#classNow(seat)
    if (served !== undefined) this.classes[served].lookLater()
    this.watchOverdue(seat, () => seat.runs(read))
  }

  #endTenant(tenant: Tenant, error: LockkeeperError): void {
    this.forget(tenant)
    tenant.onLost(error)
  }

  #end(read: PendingRead, error: LockkeeperError): void {
    this.#patience.unwatch(read)
    this.counters.countRead(read, 'failed')
    read.fail(error)
  }

  /** Its place in the pool goes to a new reader; it leaves once it can. */
  #replace(seat: ReaderSeat): void {
    const to = this.#classNow(seat)
    if (to === undefined || this.#refusals[to] !== undefined) return
    const { seats } = this.classes[to]
    const successor = this.#newSeat(to)
    seats.splice(seats.indexOf(seat), 1, successor)
    this.#retired.add(seat)
    seat.retire()
    this.#onRetired({ reader: seat.name, label: seat.label, reason: 'overdue' })
    this.#onSeat?.(successor)
  }

  /** The class that a seat serves; none once it is retired. */
  #classNow(seat: ReaderSeat): ReadClass | undefined {
    return readClasses.find((name) => this.classes[name].seats.includes(seat))
  }

  #onRetired(retired: RetiredReader): void {
    this.counters.readersRetired.add(retired.label, retired.reason)
    this.#options.onRetired?.(retired)
  }
}
