import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Measured } from '../wire/values.ts'

export type Key = string | number | bigint

/** Somebody who wants to know how a value ended: committed (undefined), or dropped with an error. */
export interface Waiter {
  settled(error: LockkeeperError | undefined): void
}

/** Why values were dropped: no room, flushes that kept failing, or a close that ran out of time. */
export type DropCause = 'full' | 'failed' | 'closed'

export interface BufferOptions<Value> {
  readonly key: (value: Value) => Key
  /** What a key's older and newer value become. */
  readonly merge: (older: Value, newer: Value) => Value
  /** The buffer's own copy of a value, and its size in bytes: callers may go on to reuse what they handed in. */
  readonly copy: (value: Value) => Measured<Value>
  readonly clock: Pick<Clock, 'now'>
  readonly itemsMax: number
  readonly bytesMax: number
  readonly itemsHeldMax: number
  readonly bytesHeldMax: number
  readonly ageMsMax: number
  readonly triesMax: number
  /** Called when the first value arrives at an empty buffer, and when enough for a flush is held: never per value. */
  readonly signal: (event: 'arrived' | 'full') => void
}

interface Entry<Value> {
  readonly key: Key
  value: Value
  bytes: number
  /** Rises from entry to entry in the order of the map: what a barrier waits for. */
  readonly order: number
  readonly heldSinceMs: number
  tries: number
  waiters: Waiter[]
}

interface Barrier {
  readonly upTo: number
  readonly waiter: Waiter
  error: LockkeeperError | undefined
}

/**
 * The newest value per key, on its way to one flush at a time. Holds no timer and starts nothing: who owns it takes a
 * batch, flushes it and says how that ended.
 *
 * Never is a newer value overtaken by an older one: a key's newer value stays held while its older one is in flight,
 * and only one batch is in flight at a time.
 *
 * Every value offered ends up in exactly one count:
 * `offered = merged + flushed + dropped (full, failed, closed) + held + inFlight`.
 */
export class KeyedBuffer<Value> {
  readonly #options: BufferOptions<Value>
  #held = new Map<Key, Entry<Value>>()
  #flight: Entry<Value>[] = []
  #bytesHeld = 0
  #bytesInFlight = 0
  #orderLast = 0
  #barriers: Barrier[] = []
  #offered = 0
  #merged = 0
  #flushed = 0
  #dropped: Record<DropCause, number> = { full: 0, failed: 0, closed: 0 }

  constructor(options: BufferOptions<Value>) {
    this.#options = options
  }

  get held(): number {
    return this.#held.size
  }

  get inFlight(): number {
    return this.#flight.length
  }

  get bytes(): number {
    return this.#bytesHeld + this.#bytesInFlight
  }

  get counts(): { offered: number; merged: number; flushed: number; dropped: Record<DropCause, number> } {
    return {
      offered: this.#offered,
      merged: this.#merged,
      flushed: this.#flushed,
      dropped: { ...this.#dropped },
    }
  }

  /** Whether enough is held for a flush. */
  get isFull(): boolean {
    return this.#held.size >= this.#options.itemsMax || this.#bytesHeld >= this.#options.bytesMax
  }

  /** Whether a flush should start now: by size, age or demand. */
  get isDue(): boolean {
    return this.#held.size > 0 && (this.isFull || this.#barriers.length > 0 || this.untilDueMs === 0)
  }

  /** How long until the oldest value held has waited for company long enough. */
  get untilDueMs(): number {
    const oldest = this.#oldestHeld()
    if (oldest === undefined) return this.#options.ageMsMax
    return Math.max(0, oldest.heldSinceMs + this.#options.ageMsMax - this.#options.clock.now())
  }

  /**
   * Takes a value in if there is room: alone under its key, or merged with the value held there.
   * @throws what the app's key or merge function throws, and LockkeeperError `invalid-argument` for a value that can't
   * be copied; the buffer is as it was then.
   */
  admit(value: Value, waiter?: Waiter): boolean {
    const wasFull = this.isFull
    const key = this.#options.key(value)
    const held = this.#held.get(key)
    const own = this.#options.copy(held === undefined ? value : this.#options.merge(held.value, value))
    if (!this.#hasRoom(held === undefined ? 1 : 0, own.bytes - (held?.bytes ?? 0))) return false
    this.#offered += 1
    if (held === undefined) this.#hold(key, own, waiter)
    else this.#mergeInto(held, own, waiter)
    if (this.#held.size === 1 && held === undefined) this.#options.signal('arrived')
    if (!wasFull && this.isFull) this.#options.signal('full')
    return true
  }

  /** Counts values that found no room, or came after the end. */
  refused(cause: DropCause, count = 1): void {
    this.#offered += count
    this.#dropped[cause] += count
  }

  /** Whether a value of the key is held or in flight. */
  has(key: string): boolean {
    return this.#held.has(key) || this.#flight.some((entry) => entry.key === key)
  }

  /** Tells the waiter when all that is held and in flight now has ended, with the first error if any was dropped. */
  barrier(waiter: Waiter): void {
    if (this.#held.size + this.#flight.length === 0) waiter.settled(undefined)
    else this.#barriers.push({ upTo: this.#orderLast, waiter, error: undefined })
  }

  /**
   * Moves the oldest values into flight, a batch of them. Values that failed before fly without new company, so that
   * a poisonous one takes down at most those it flew with at first.
   */
  take(): Value[] {
    if (this.#flight.length > 0) throw new Error('a coalescer has one batch in flight at a time')
    const retrying = (this.#oldestHeld()?.tries ?? 0) > 0
    for (const entry of this.#held.values()) {
      if (this.#flight.length >= this.#options.itemsMax) break
      if (this.#flight.length > 0 && this.#bytesInFlight + entry.bytes > this.#options.bytesMax) break
      if (entry.tries > 0 !== retrying) break
      this.#flight.push(entry)
      this.#bytesInFlight += entry.bytes
    }
    for (const entry of this.#flight) this.#held.delete(entry.key)
    this.#bytesHeld -= this.#bytesInFlight
    return this.#flight.map((entry) => entry.value)
  }

  /** The batch in flight is committed. */
  committed(): void {
    const landed = this.#land()
    this.#flushed += landed.length
    for (const entry of landed) this.#settle(entry, undefined)
    this.#passBarriers()
  }

  /**
   * The batch in flight failed: its values go back to the front, except where a newer one came meanwhile (that one
   * stays, merged, and inherits the waiters). With `strike`, the values count a try, and those that have none left are
   * dropped; with `fatal` all are.
   */
  failed(error: LockkeeperError, verdict: 'pardon' | 'strike' | 'fatal'): void {
    const back: Entry<Value>[] = []
    for (const entry of this.#land()) {
      if (verdict === 'strike') entry.tries += 1
      if (verdict === 'fatal' || entry.tries >= this.#options.triesMax) this.#drop(entry, error, 'failed')
      else if (this.#reunite(entry, error)) back.push(entry)
    }
    const newer = this.#held
    this.#held = new Map(back.map((entry) => [entry.key, entry]))
    for (const entry of newer.values()) this.#held.set(entry.key, entry)
    this.#passBarriers()
  }

  /** Drops all that is held. What is in flight keeps its course. */
  abandon(error: LockkeeperError): void {
    const abandoned = [...this.#held.values()]
    this.#held.clear()
    this.#bytesHeld = 0
    for (const entry of abandoned) this.#drop(entry, error, 'closed')
    this.#passBarriers()
  }

  toJSON(): { held: number; inFlight: number; bytes: number } {
    return { held: this.held, inFlight: this.inFlight, bytes: this.bytes }
  }

  #oldestHeld(): Entry<Value> | undefined {
    return this.#held.values().next().value
  }

  /** A value too large for any room gets in when nothing else is there. */
  #hasRoom(items: number, bytes: number): boolean {
    const count = this.#held.size + this.#flight.length
    if (count === 0) return true
    if (count + items > this.#options.itemsHeldMax) return false
    return bytes <= 0 || this.bytes + bytes <= this.#options.bytesHeldMax
  }

  #hold(key: Key, { value, bytes }: Measured<Value>, waiter: Waiter | undefined): void {
    this.#orderLast += 1
    const waiters = waiter === undefined ? [] : [waiter]
    const heldSinceMs = this.#options.clock.now()
    this.#held.set(key, { key, value, bytes, order: this.#orderLast, heldSinceMs, tries: 0, waiters })
    this.#bytesHeld += bytes
  }

  #mergeInto(entry: Entry<Value>, { value, bytes }: Measured<Value>, waiter: Waiter | undefined): void {
    this.#bytesHeld += bytes - entry.bytes
    entry.value = value
    entry.bytes = bytes
    if (waiter !== undefined) entry.waiters.push(waiter)
    this.#merged += 1
  }

  #land(): Entry<Value>[] {
    const landed = this.#flight
    this.#flight = []
    this.#bytesInFlight = 0
    return landed
  }

  /** Puts a value back under its key. Answers whether it is held now: false if it could not be merged. */
  #reunite(entry: Entry<Value>, error: LockkeeperError): boolean {
    const newer = this.#held.get(entry.key)
    if (newer === undefined) {
      this.#bytesHeld += entry.bytes
      return true
    }
    let merged: Measured<Value>
    try {
      merged = this.#options.copy(this.#options.merge(entry.value, newer.value))
    } catch {
      this.#drop(entry, error, 'failed') // the newer value is whole, so that one stays, where it is
      return false
    }
    this.#held.delete(entry.key)
    this.#bytesHeld += merged.bytes - newer.bytes
    entry.value = merged.value
    entry.bytes = merged.bytes
    entry.waiters = entry.waiters.concat(newer.waiters)
    this.#merged += 1
    return true
  }

  #drop(entry: Entry<Value>, error: LockkeeperError, cause: DropCause): void {
    this.#dropped[cause] += 1
    for (const barrier of this.#barriers) if (entry.order <= barrier.upTo) barrier.error ??= error
    this.#settle(entry, error)
  }

  #settle(entry: Entry<Value>, error: LockkeeperError | undefined): void {
    for (const waiter of entry.waiters) waiter.settled(error)
  }

  #passBarriers(): void {
    if (this.#barriers.length === 0) return
    const oldest = this.#flight[0]?.order ?? this.#oldestHeld()?.order ?? Number.POSITIVE_INFINITY
    const passed = this.#barriers.filter((barrier) => barrier.upTo < oldest)
    this.#barriers = this.#barriers.filter((barrier) => barrier.upTo >= oldest)
    for (const barrier of passed) barrier.waiter.settled(barrier.error)
  }
}
