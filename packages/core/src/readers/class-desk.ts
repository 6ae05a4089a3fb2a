import type { Clock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { readsMoveMs, readsPerMessageMax, readsWaitingMax, tenantsWaitingMax } from '../limits.ts'
import type { PendingRead, Settling } from './pending-read.ts'
import { ReadQueue } from './read-queue.ts'
import type { ReaderSeat } from './seat.ts'
import { StallWatch } from './stall-watch.ts'
import type { Tenant } from './tenant.ts'

/** What becomes of a class's number of readers. */
export interface ClassSize {
  /** Those that are lent wait for each other, as it seems: one more is needed. */
  onStalled(): void
  /** None is lent and nobody waits: this one is free to go, if there is one too many. */
  onSpare(seat: ReaderSeat): void
}

/**
 * The readers of one class, and who waits for them. A read goes to a free reader at once, and never waits behind a busy one
 * while another is free (promise 7); where more wait than readers are there, they share messages. Snapshots and streams never
 * take the last reader, so that the reads inside them always find one.
 */
export class ClassDesk {
  readonly seats: ReaderSeat[] = []
  readonly #clock: Clock
  readonly #waiting = new ReadQueue()
  /** Snapshots and streams that wait for a reader. */
  readonly #tenants = new Set<Tenant>()
  /** Reads, snapshots and streams that wait for a write: they take no reader meanwhile (promise 8). */
  readonly #heldReads = new Set<PendingRead>()
  readonly #heldTenants = new Set<Tenant>()
  #isHeld = false
  #dispatches = false
  #looks = false
  readonly #size: ClassSize | undefined
  readonly #stalls: StallWatch

  constructor(clock: Clock, size?: ClassSize) {
    this.#clock = clock
    this.#size = size
    this.#stalls = new StallWatch({
      clock,
      waitsForLent: () => this.#waitsForLent,
      allStandStillSince: (ms) => this.seats.every((seat) => !seat.isLent || seat.hasStoodStillSince(ms)),
      onStalled: () => size?.onStalled(),
    })
  }

  /** Reads, snapshots and streams that wait: for a reader, or for the write that they want to see. */
  get waiting(): number {
    return this.#readsWaiting + this.#tenantsWaiting
  }

  get #readsWaiting(): number {
    return this.#waiting.depth + this.#heldReads.size
  }

  get #tenantsWaiting(): number {
    return this.#tenants.size + this.#heldTenants.size
  }

  get lent(): number {
    return this.seats.filter((seat) => seat.isLent).length
  }

  toJSON(): object {
    return { waiting: this.waiting, busy: this.seats.filter((seat) => seat.isBusy).length, lent: this.lent }
  }

  /** Readers that serve or will again. */
  get serving(): number {
    return this.seats.filter((seat) => !seat.isStopped).length
  }

  /** Why no more reads, or no more snapshots and streams, may wait, if so. */
  fullNow(of: 'reads' | 'tenants'): LockkeeperError | undefined {
    const hasRoom =
      of === 'reads' ? this.#readsWaiting < readsWaitingMax : this.#tenantsWaiting < tenantsWaitingMax
    if (hasRoom) return undefined
    return new LockkeeperError(
      `${this.#readsWaiting} reads, and ${this.#tenantsWaiting} snapshots and streams wait for a reader already: send fewer at a time`,
      { code: 'queue-full', stage: 'admission', retryable: true, retryAfterMs: 50 },
    )
  }

  enter(read: PendingRead): void {
    if (read.after === undefined) this.#line(read)
    else {
      this.#heldReads.add(read)
      const line = (): void => {
        if (this.#heldReads.delete(read)) this.#line(read)
      }
      whenSettled(read.after, line, () => !this.#heldReads.has(read))
    }
  }

  enterTenant(tenant: Tenant): void {
    if (tenant.after === undefined) this.#lineTenant(tenant)
    else {
      this.#heldTenants.add(tenant)
      const line = (): void => {
        if (this.#heldTenants.delete(tenant)) this.#lineTenant(tenant)
      }
      whenSettled(tenant.after, line, () => !this.#heldTenants.has(tenant))
    }
  }

  leave(read: PendingRead): void {
    if (read.waits) this.#waiting.remove(read)
    else this.#heldReads.delete(read)
  }

  leaveTenant(tenant: Tenant): void {
    this.#tenants.delete(tenant)
    this.#heldTenants.delete(tenant)
  }

  #line(read: PendingRead): void {
    this.#waiting.push(read)
    this.#soon()
  }

  #lineTenant(tenant: Tenant): void {
    this.#tenants.add(tenant)
    this.#soon()
  }

  /** To the front, in their order: they were on their way already. */
  putBack(reads: readonly PendingRead[]): void {
    for (const read of reads.toReversed()) this.#waiting.unshift(read)
    if (reads.length > 0) this.#soon()
  }

  /** Whoever waits leaves, for a reason to be told to each. */
  empty(): { reads: PendingRead[]; tenants: Tenant[] } {
    const reads: PendingRead[] = []
    for (let read = this.#waiting.shift(); read !== undefined; read = this.#waiting.shift()) reads.push(read)
    reads.push(...this.#heldReads)
    const tenants = [...this.#tenants, ...this.#heldTenants]
    this.#heldReads.clear()
    this.#tenants.clear()
    this.#heldTenants.clear()
    return { reads, tenants }
  }

  /**
   * A reader may be free. Those who just got their answers have their turn first, since most of them read again: the
   * microtask comes after theirs, the tick after all that they set off; so their reads share a message.
   */
  onFree(): void {
    if (this.#dispatches) return
    this.#dispatches = true
    queueMicrotask(() => process.nextTick(() => this.#dispatch()))
  }

  /** Reads of one turn of the event loop share messages. */
  #soon(): void {
    if (this.#dispatches) return
    this.#dispatches = true
    process.nextTick(() => this.#dispatch())
  }

  /** No reader begins anything new, until told to go on; what runs goes on, reads inside a snapshot among it. */
  hold(): void {
    this.#isHeld = true
  }

  goOn(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#soon()
  }

  #dispatch(): void {
    this.#dispatches = false
    if (this.#isHeld) return
    let share: number | undefined
    // One that is spare leaves meanwhile.
    for (const seat of [...this.seats]) {
      if (!seat.isFree) continue
      const tenant = this.#nextTenant()
      if (tenant !== undefined) seat.lend(tenant)
      else if (this.#waiting.depth > 0) {
        share ??= this.#share()
        this.#give(seat, share)
      } else {
        seat.rest()
        if (this.lent === 0) this.#size?.onSpare(seat)
      }
    }
    this.#stalls.look()
  }

  get #waitsForLent(): boolean {
    if (this.#waiting.depth > 0 && this.lent > 0 && this.lent >= this.serving) return true
    return this.#tenants.size > 0 && this.lent >= this.#lendable
  }

  /** How many may be lent at once: all but one, and one where there is no other. */
  get #lendable(): number {
    return Math.max(1, this.serving - 1)
  }

  #nextTenant(): Tenant | undefined {
    if (this.#tenants.size === 0) return undefined
    if (this.lent >= this.#lendable) return undefined
    const [tenant] = this.#tenants
    if (tenant !== undefined) this.#tenants.delete(tenant)
    return tenant
  }

  /** As many as there are for each reader: those that are busy come back for the rest. */
  #share(): number {
    const readers = this.seats.filter((seat) => seat.isUp && !seat.isLent).length
    return Math.min(readsPerMessageMax, Math.ceil(this.#waiting.depth / readers))
  }

  /**
   * Reads that were moved out of the way of a slow one go by themselves. With another slow one at their end they would be run in
   * vain once more, and with one reader left for them again and again: as long as slow reads come, they would have no answer.
   */
  #give(seat: ReaderSeat, share: number): void {
    const reads: PendingRead[] = []
    while (reads.length < share) {
      const read = this.#waiting.shift()
      if (read === undefined) break
      if (reads[0] !== undefined && reads[0].moved !== read.moved) {
        this.#waiting.unshift(read)
        break
      }
      reads.push(read)
    }
    seat.give(reads)
    if (reads.length > 1) this.lookLater()
  }

  /** Some time after a message was sent, its readers are looked at: see `MessageWatch.look`. */
  lookLater(): void {
    if (this.#looks) return
    this.#looks = true
    this.#clock.setTimeout(() => {
      this.#looks = false
      const before = this.#clock.now() - readsMoveMs
      let again = false
      for (const seat of this.seats) {
        const { sentAtMs } = seat
        if (sentAtMs === undefined || seat.isTerminated) continue
        if (sentAtMs <= before) again = seat.watch.look() || again
        else again = true
      }
      if (again) this.lookLater()
    }, readsMoveMs)
  }
}

/** What is waited for in a lane below is promoted, or a person would wait as long as it does. */
function whenSettled(after: Settling, callback: () => void, hasLeft: () => boolean): void {
  after.promote?.()
  after.whenSettled(callback, hasLeft)
}
