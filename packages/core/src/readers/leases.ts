import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { ReadDesk } from './desk.ts'
import { type ReadClass, readClasses } from './read-class.ts'
import type { ReaderSeat } from './seat.ts'

/** A reader at work, which may keep the log from being emptied: with a message of reads, a snapshot or a stream. */
export interface Lease {
  readonly reader: string
  readonly readClass: ReadClass
  readonly label: string | undefined
  readonly ageMs: number
  /** It was told to end already, or its reader has been replaced: it is over when its statement is. */
  readonly isEnding: boolean
}

interface Held {
  readonly seat: ReaderSeat
  readonly readClass: ReadClass
  readonly sinceMs: number
}

/** What the governor sees of the readers and may do to them: hold new leases back, and end one. */
export class Leases {
  readonly #desk: ReadDesk
  readonly #clock: Clock
  /** Since when the lease ran that was told to end. */
  readonly #ended = new WeakMap<ReaderSeat, number>()

  constructor(desk: ReadDesk, clock: Clock) {
    this.#desk = desk
    this.#clock = clock
  }

  /** The one that began first, of these classes. */
  oldest(classes: readonly ReadClass[] = readClasses): Lease | undefined {
    const held = this.#oldest(classes)
    return held && this.#leaseOf(held)
  }

  /** Those that began first come first. */
  all(): Lease[] {
    const all: Held[] = []
    this.#each(readClasses, (seat, readClass, sinceMs) => all.push({ seat, readClass, sinceMs }))
    return all.sort((one, other) => one.sinceMs - other.sinceMs).map((held) => this.#leaseOf(held))
  }

  #leaseOf({ seat, readClass, sinceMs }: Held): Lease {
    return {
      reader: seat.name,
      readClass,
      label: seat.label,
      ageMs: this.#clock.now() - sinceMs,
      isEnding: seat.isRetired || this.#ended.get(seat) === sinceMs || seat.running()?.settled === true,
    }
  }

  /**
   * Ends the one that began first.
   * @returns what it was; undefined where nothing was there to be ended: between two reads of a message nobody knows which is.
   */
  endOldest(errorOf: (lease: Lease) => LockkeeperError): Lease | undefined {
    const held = this.#oldest(readClasses)
    const lease = held && this.#leaseOf(held)
    if (held === undefined || lease === undefined || lease.isEnding) return undefined
    const { seat, sinceMs } = held
    if (seat.isLent) seat.evict(errorOf(lease))
    else {
      const read = seat.running()
      if (read === undefined || read.settled) return undefined
      this.#desk.giveUp(read, errorOf(lease))
    }
    this.#ended.set(seat, sinceMs)
    return lease
  }

  /** New leases of a class wait from now on. */
  hold(name: ReadClass): void {
    this.#desk.classes[name].hold()
  }

  goOn(): void {
    for (const name of readClasses) this.#desk.classes[name].goOn()
  }

  #oldest(classes: readonly ReadClass[]): Held | undefined {
    let oldest: Held | undefined
    this.#each(classes, (seat, readClass, sinceMs) => {
      if (oldest === undefined || sinceMs < oldest.sinceMs) oldest = { seat, readClass, sinceMs }
    })
    return oldest
  }

  #each(
    classes: readonly ReadClass[],
    visit: (seat: ReaderSeat, readClass: ReadClass, sinceMs: number) => void,
  ): void {
    const look = (seat: ReaderSeat, readClass: ReadClass): void => {
      const sinceMs = seat.tenant === undefined ? seat.sentAtMs : seat.tenant.lentAtMs
      if (sinceMs !== undefined) visit(seat, readClass, sinceMs)
    }
    for (const readClass of classes) {
      for (const seat of this.#desk.classes[readClass].seats) look(seat, readClass)
    }
    for (const seat of this.#desk.retired) {
      const readClass = seat.yieldsCpu ? 'background' : 'interactive'
      if (classes.includes(readClass)) look(seat, readClass)
    }
  }
}
