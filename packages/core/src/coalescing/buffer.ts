import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Measured } from '../wire/values.ts'
import { Barriers } from './barriers.ts'
import { BufferCounts, type DropCause, type Refusal } from './buffer-counts.ts'
import type { BufferOptions } from './buffer-options.ts'
import { ChangeFilter } from './change-filter.ts'
import { Entry, type Key, type Waiter } from './entry.ts'
import { Flight } from './flight.ts'
import { FlightPlan } from './flight-plan.ts'
import { gaveWay, perhapsStored } from './losses.ts'
import { hasRoom, isPressed } from './room.ts'
import type { Verdict } from './verdict.ts'

/**
 * The newest value per key, on its way to one flush at a time. Holds no timer and starts nothing: who owns it takes a
 * batch, flushes it and says how that ended.
 *
 * Never is a newer value overtaken by an older one: a key's newer value stays held while its older one is in flight,
 * and only one batch is in flight at a time.
 *
 * Every value offered ends up in exactly one count: `offered = filtered + merged + flushed + rejected + dropped (full, failed,
 * closed) + held + inFlight`.
 */
export class KeyedBuffer<Value> {
  readonly counts: BufferCounts
  readonly #options: BufferOptions<Value>
  readonly #filter: ChangeFilter<Value>
  readonly #barriers = new Barriers()
  /** Oldest first. */
  #held = new Map<Key, Entry<Value>>()
  readonly #flight: Flight<Value>
  readonly #plan = new FlightPlan<Value>()
  #bytesHeld = 0
  #orderLast = 0

  constructor(options: BufferOptions<Value>) {
    this.#options = options
    this.counts = new BufferCounts(options.onDropped)
    this.#filter = new ChangeFilter(options)
    this.#flight = new Flight(options)
  }

  get held(): number {
    return this.#held.size
  }

  get inFlight(): number {
    return this.#flight.size
  }

  get bytes(): number {
    return this.#bytesHeld + this.#flight.bytes
  }

  /** Whether enough is held for a flush, or so much that there will soon be no room. */
  get isFull(): boolean {
    const { itemsMax, bytesMax } = this.#options
    if (this.#held.size >= itemsMax || this.#bytesHeld >= bytesMax) return true
    return isPressed({ items: this.#held.size, bytes: this.#bytesHeld }, this.#options)
  }

  /** Whether a flush should start now: by size, pressure, age or demand. */
  get isDue(): boolean {
    if (this.#held.size === 0) return false
    return !this.#barriers.areNone || !this.#plan.isEmpty || this.isFull || this.untilDueMs === 0
  }

  /** How long until the oldest value held has waited for company long enough. */
  get untilDueMs(): number {
    const oldest = this.#held.values().next().value
    if (oldest === undefined) return this.#options.ageMsMax
    return Math.max(0, oldest.heldSinceMs + this.#options.ageMsMax - this.#options.clock.now())
  }

  /**
   * Takes a value in if there is room: alone under its key, or merged with the value held there; or lets it be, where it would
   * change nothing.
   * @throws what the app's functions throw, and LockkeeperError `invalid-argument` for a value that can't be copied; the
   * buffer is as it was then.
   */
  admit(value: Value, waiter?: Waiter): boolean {
    const key = this.#options.key(value)
    const held = this.#held.get(key)
    if (this.#filter.isOn && this.#isFiltered(key, value, held, waiter)) return true
    // No room, and nothing is copied only to find that out: that is where a storm meets a full buffer.
    if (held === undefined && this.#options.evicts !== true && !this.#hasRoom(undefined, 0)) return false
    const wasFull = this.isFull
    const own = this.#options.copy(held === undefined ? value : this.#options.merge(held.value, value))
    if (this.#held.get(key) !== held)
      throw new Error('A coalescer’s own functions must not hand values to it')
    const grows = own.bytes - (held?.bytes ?? 0)
    if (!this.#hasRoom(held, grows) && !this.#makeRoom(held, grows)) return false
    this.counts.offered += 1
    if (held === undefined) this.#hold(key, own, waiter)
    else {
      this.counts.merged += 1
      held.replace(own)
      if (waiter !== undefined) held.attach(waiter)
    }
    this.#bytesHeld += grows
    if (this.#held.size === 1 && held === undefined) this.#options.signal('arrived')
    if (!wasFull && this.isFull) this.#options.signal('full')
    return true
  }

  /** Counts values that are not taken in. */
  refused(why: Refusal, count = 1): void {
    this.counts.refuse(why, count)
  }

  /** Tells the waiter when all that is held and in flight now has ended, with the first error if any was dropped. */
  barrier(waiter: Waiter): void {
    const outstanding = this.#held.size + this.#flight.size
    if (outstanding === 0) waiter.settled(undefined)
    else this.#barriers.add(this.#orderLast, outstanding, waiter)
  }

  /** The same for one key, whose value flies next. @returns false if there is nothing of it. */
  barrierOf(key: Key, waiter: Waiter): boolean {
    const held = this.#held.get(key)
    const newest = held ?? this.#flight.get(key)
    if (newest === undefined) return false
    newest.attach(waiter)
    newest.isUrgent = true
    if (held !== undefined) this.#plan.hurry(held)
    return true
  }

  /** What was written of a key may have been changed by others; without a key, of all. */
  forget(key?: Key): void {
    this.#filter.forget(key)
    this.#flight.distrust(key)
  }

  /**
   * Moves a batch into flight: what somebody waits for and parts of failed batches, each without company, by turns; then the
   * oldest values.
   */
  take(): Value[] {
    if (this.#flight.size > 0) throw new Error('a coalescer has one batch in flight at a time')
    const part = this.#plan.takePart()
    this.#flight.isPart = part !== undefined
    if (part === undefined) {
      this.#load(this.#plan.urgent)
      this.#load(this.#held.values())
    } else {
      this.#load(part, part)
      // One that was merged with larger values may not fit any more.
      this.#plan.setApart(
        part.filter((entry) => entry.part === part),
        'first',
      )
    }
    return this.#flight.values
  }

  /** The batch in flight is committed. */
  committed(): void {
    const landed = this.#flight.land()
    this.counts.flushed += landed.length
    for (const entry of landed) {
      if (entry.isTrusted) this.#filter.remember(entry.key, entry)
      this.#barriers.ended(entry.order)
      entry.settle(undefined)
    }
    this.#barriers.pass()
  }

  /**
   * The batch in flight failed: its values go back to the front, except where a newer one came meanwhile: the two are merged.
   * With `strike` the values count a try, and those that have none left are dropped; with `split` the batch goes on in
   * halves, behind other parts, and one value that was alone is dropped; with `fatal` all are.
   * @returns how many were dropped.
   */
  failed(error: LockkeeperError, verdict: Verdict): number {
    const landed = this.#flight.land()
    const isCulprit = verdict === 'split' && landed.length === 1
    const back: Entry<Value>[] = []
    const droppedBefore = this.counts.dropped.failed
    for (const entry of landed) {
      entry.isTrusted = true
      if (error.outcome === 'unknown') entry.mayBeStored = true
      if (verdict === 'strike') entry.tries += 1
      if (verdict === 'fatal' || isCulprit || entry.tries >= this.#options.triesMax) {
        this.#drop(entry, error, 'failed')
      } else if (this.#reunite(entry, error)) back.push(entry)
    }
    const newer = this.#held
    this.#held = new Map(back.map((entry) => [entry.key, entry]))
    for (const entry of newer.values()) this.#held.set(entry.key, entry)
    if (verdict === 'split') this.#plan.halve(back)
    else if (this.#flight.isPart) this.#plan.setApart(back, 'first')
    for (const entry of back) if (entry.isUrgent) this.#plan.hurry(entry)
    if (error.code === 'thread-lost') this.#plan.probe(isCulprit ? 'first' : 'last')
    this.#barriers.pass()
    return this.counts.dropped.failed - droppedBefore
  }

  /** Drops all that is held. What is in flight keeps its course. @returns how many that were. */
  abandon(error: LockkeeperError): number {
    const abandoned = [...this.#held.values()]
    for (const entry of abandoned) {
      this.#leave(entry)
      this.#drop(entry, error, 'closed')
    }
    this.#barriers.pass()
    return abandoned.length
  }

  toJSON(): { held: number; inFlight: number; bytes: number } {
    return { held: this.held, inFlight: this.inFlight, bytes: this.bytes }
  }

  /** Whether a value changes nothing: then it counts as filtered, and its waiter waits for the one that says the same. */
  #isFiltered(key: Key, value: Value, held: Entry<Value> | undefined, waiter: Waiter | undefined): boolean {
    const pending = held ?? this.#flight.trusted(key)
    if (this.#filter.changes(key, value, pending)) return false
    this.counts.offered += 1
    this.counts.filtered += 1
    if (pending === undefined) waiter?.settled(undefined)
    else if (waiter !== undefined) pending.attach(waiter)
    return true
  }

  #hasRoom(own: Entry<Value> | undefined, grows: number): boolean {
    const { held, inFlight, bytes } = this
    return hasRoom({ items: held + inFlight, bytes, grows, isNew: own === undefined }, this.#options)
  }

  /** Drops the oldest values, where that is the way and helps: what flies or belongs to the same key stays. */
  #makeRoom(own: Entry<Value> | undefined, grows: number): boolean {
    if (this.#options.evicts !== true) return false
    const items = this.inFlight + (own === undefined ? 0 : 1)
    const bytes = this.#flight.bytes + (own?.bytes ?? 0)
    if (!hasRoom({ items, bytes, grows, isNew: own === undefined }, this.#options)) return false
    for (const entry of this.#held.values()) {
      if (this.#hasRoom(own, grows)) break
      if (entry === own) continue
      this.#leave(entry)
      this.#drop(entry, gaveWay(), 'full')
    }
    this.#barriers.pass()
    return true
  }

  #hold(key: Key, own: Measured<Value>, waiter: Waiter | undefined): void {
    this.#orderLast += 1
    const entry = new Entry(key, own, this.#orderLast, this.#options.clock.now())
    if (waiter !== undefined) entry.attach(waiter)
    this.#held.set(key, entry)
  }

  /** From what is held into flight, within the bounds of a flush. */
  #load(candidates: Iterable<Entry<Value>>, part?: readonly Entry<Value>[]): void {
    for (const entry of candidates) {
      if (entry.part !== part) continue
      if (!this.#flight.fits(entry)) return
      this.#leave(entry)
      this.#flight.add(entry)
    }
  }

  #leave(entry: Entry<Value>): void {
    this.#held.delete(entry.key)
    this.#bytesHeld -= entry.bytes
    this.#plan.leave(entry)
  }

  /** Puts a value back under its key. Answers whether it is held now: false if it could not be merged. */
  #reunite(entry: Entry<Value>, error: LockkeeperError): boolean {
    const newer = this.#held.get(entry.key)
    if (newer !== undefined) {
      let merged: Measured<Value>
      try {
        merged = this.#options.copy(this.#options.merge(entry.value, newer.value))
      } catch {
        this.#drop(entry, error, 'failed') // the newer value is whole, so that one stays, where it is
        return false
      }
      this.#leave(newer)
      entry.replace(merged)
      entry.inherit(newer)
      this.#barriers.ended(newer.order)
      this.counts.merged += 1
    }
    this.#bytesHeld += entry.bytes
    return true
  }

  #drop(entry: Entry<Value>, error: LockkeeperError, cause: DropCause): void {
    this.counts.drop(cause, error.code)
    const told = entry.mayBeStored && error.outcome !== 'unknown' ? perhapsStored(error) : error
    if (entry.mayBeStored) this.#filter.forget(entry.key)
    this.#barriers.ended(entry.order, told)
    entry.settle(told)
  }
}
