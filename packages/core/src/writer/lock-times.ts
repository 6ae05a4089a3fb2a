import type { Connection } from '../engine/port.ts'
import { beginNoticedMs } from '../limits.ts'

/** How long the transactions of a batch waited for another process's lock, and held it: from BEGIN to the end of COMMIT. */
export class LockTimes {
  waitedMs = 0
  heldMs = 0
  #heldSince: number | undefined

  /** BEGIN has the lock. @param hasWaited whether another process had it meanwhile; else this is part of holding it. */
  begun(askedAt: number, now: number, hasWaited: boolean): void {
    this.released(askedAt)
    if (hasWaited) this.waitedMs += now - askedAt
    this.#heldSince = hasWaited ? now : askedAt
  }

  refused(askedAt: number, now: number): void {
    this.released(askedAt)
    this.waitedMs += now - askedAt
  }

  released(now: number): void {
    if (this.#heldSince !== undefined) this.heldMs += now - this.#heldSince
    this.#heldSince = undefined
  }
}

/**
 * Tells a BEGIN that waited for somebody from one that was slow. SQLite's own wait sleeps for a millisecond at least; the extension
 * counts its waits.
 */
export class LockWaitWatch {
  readonly #connection: Connection
  #waits: number

  constructor(connection: Connection) {
    this.#connection = connection
    this.#waits = connection.signals?.lockWaits().waits ?? 0
  }

  hasWaited(ms: number): boolean {
    if (ms < beginNoticedMs) return false
    const { signals } = this.#connection
    if (signals === undefined) return true
    const before = this.#waits
    this.#waits = signals.lockWaits().waits
    return this.#waits > before
  }
}
