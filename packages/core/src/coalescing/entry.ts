import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Measured } from '../wire/values.ts'

export type Key = string | number | bigint

/** Somebody who wants to know how a value ended: committed (undefined), or dropped with an error. */
export interface Waiter {
  /** Nobody listens any more: it may be forgotten untold. */
  readonly isAbandoned?: boolean
  /** It was, for that reason. */
  forgotten?(): void
  settled(error: LockkeeperError | undefined): void
}

/** Past so many waiters of one key, those that were abandoned are cleared away; again whenever they have doubled. */
const waitersBeforeClearing = 16

/** What a key is to become, with all who wait for it. */
export class Entry<Value> {
  readonly key: Key
  value: Value
  bytes: number
  /** Rises from entry to entry: what a barrier waits for. */
  readonly order: number
  readonly heldSinceMs: number
  /** Flushes it took part in that failed for no fault of the values'. */
  tries = 0
  /** Somebody waits for this key: it flies next. */
  isUrgent = false
  /** A flush with it ended with an unknown outcome: from then on nobody can say that it is not stored. */
  mayBeStored = false
  /** What it says is what its row will be. Not while it flies and the row may have been changed by another road meanwhile. */
  isTrusted = true
  /** The part of a failed batch it belongs to, which is flushed apart from all else. */
  part: readonly Entry<Value>[] | undefined
  #waiters: Waiter[] | undefined
  #clearsAt = waitersBeforeClearing

  constructor(key: Key, own: Measured<Value>, order: number, heldSinceMs: number) {
    this.key = key
    this.value = own.value
    this.bytes = own.bytes
    this.order = order
    this.heldSinceMs = heldSinceMs
  }

  replace({ value, bytes }: Measured<Value>): void {
    this.value = value
    this.bytes = bytes
  }

  attach(waiter: Waiter): void {
    this.#waiters ??= []
    if (this.#waiters.length >= this.#clearsAt) {
      this.#waiters = this.#waiters.filter((other) => {
        const stays = other.isAbandoned !== true
        if (!stays) other.forgotten?.()
        return stays
      })
      this.#clearsAt = Math.max(waitersBeforeClearing, 2 * this.#waiters.length)
    }
    this.#waiters.push(waiter)
  }

  /** A newer value of the key is part of this one now: who waited for that one waits for this one. */
  inherit(newer: Entry<Value>): void {
    for (const waiter of newer.#waiters ?? []) this.attach(waiter)
    newer.#waiters = undefined
    this.isUrgent ||= newer.isUrgent
  }

  settle(error: LockkeeperError | undefined): void {
    const waiters = this.#waiters
    this.#waiters = undefined
    for (const waiter of waiters ?? []) waiter.settled(error)
  }
}
