import type { Clock } from '../clock.ts'
import type { Database } from '../database/types.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { ProcedureReference } from '../procedures/reference.ts'
import type { DropCause, Key } from './buffer.ts'

/** What a coalescer needs of a database: a place for its actor, and word of the end. */
export type CoalescerHost = Pick<Database, 'spawn' | 'beforeClose'>

export interface CoalescerOptions<Value> {
  /** The actor's system id, and its name in errors. */
  readonly name: string
  /** Values of one key are merged while they wait. */
  readonly key: (value: Value) => Key
  /** What a key's older and newer value become. Default: the newer one. Must not throw. */
  readonly merge?: ((older: Value, newer: Value) => Value) | undefined
  /** The writing procedure that takes a batch. It may be called again with values it has already stored. */
  readonly flush: ProcedureReference<Value[], unknown>
  /** Which lane carries the flushes. Default `background`. */
  readonly lane?: LaneName | undefined
  /** Label of the flushes. Default: the procedure's name. */
  readonly label?: string | undefined
  /** Values in one flush. Default 500. */
  readonly itemsMax?: number | undefined
  /** How long a value may wait for company, in milliseconds. Default 100. */
  readonly ageMsMax?: number | undefined
  /** Values held at once, in flight included. Default 10,000. */
  readonly itemsHeldMax?: number | undefined
  /** Bytes in one flush. Default 1 MiB. */
  readonly bytesMax?: number | undefined
  /** Bytes held at once, in flight included; one larger value alone is let in. Default 32 MiB. */
  readonly bytesHeldMax?: number | undefined
  /** When its fill is held: `drop` refuses and counts, `wait` makes `put` wait for room. Default `drop`. */
  readonly overflow?: 'drop' | 'wait' | undefined
  /** Tells the age of values; must be the actor system's clock. Default: the process's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/**
 * Values by what became of them. Every value offered is in exactly one place:
 * `offered = merged + flushed + dropped (full, failed, closed) + held + inFlight`.
 */
export interface CoalescerCounts {
  /** Values handed in, refused ones included. */
  readonly offered: number
  /** Values that went on inside a newer one of their key. */
  readonly merged: number
  /** Values committed. */
  readonly flushed: number
  /** Values lost, by cause: no room, a flush that kept failing, a close that came first. */
  readonly dropped: Readonly<Record<DropCause, number>>
  /** Values held now. */
  readonly held: number
  /** Values in the flush under way. */
  readonly inFlight: number
  /** Values of `put` that wait for room now; not offered yet. */
  readonly waiting: number
  /** Flushes committed. */
  readonly flushes: number
  /** Flushes that failed, each try counted. */
  readonly failed: number
}

/** What a coalescer holds of a key at the moment it is asked: a read’s `after` waits for it. */
export interface PendingKey {
  /** Calls back once it is committed or given up; at once if there is nothing. Whoever asks has it flushed now. */
  whenSettled(callback: () => void): void
}

/** A coalescing actor. Made by {@link coalescer}. */
export interface Coalescer<Value> {
  readonly name: string
  readonly counts: CoalescerCounts

  /**
   * Hands in a value, best effort: synchronous, in constant time, never waiting.
   * Answers false, and counts the value as dropped, if there is no room, puts wait for room, or it is closed.
   */
  offer(value: Value): boolean

  /**
   * Hands in a value and answers once it, or a newer value of its key, is committed. With the overflow `wait` it first
   * waits for room: that is the backpressure.
   * @throws LockkeeperError `queue-full` (no room, overflow `drop`), `closed`, `aborted` (`outcome` says whether it can
   * still be stored), or the error of a flush that was given up.
   */
  put(value: Value, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>

  /**
   * Hands in values, in order, as there is room, and answers once all are committed. If some fail, it goes on with the
   * others and throws the first error when all have ended.
   */
  putMany(values: readonly Value[], options?: { readonly signal?: AbortSignal | undefined }): Promise<void>

  /**
   * Flushes what is held now and answers once it is committed.
   * @throws LockkeeperError if any of it was given up.
   */
  flush(): Promise<void>

  /**
   * What it holds of a key, to be waited for by a read that wants to see it. It is flushed then, whatever its age, and its
   * flush goes before other work of its lane.
   *
   * @example
   * seen.offer({ id: 'a', address: '…' })
   * await db.read('select * from peers where id = ?', ['a'], { after: seen.pending('a') })
   */
  pending(key: string): PendingKey

  /**
   * Takes no more, flushes what is held, and stops; after the deadline (milliseconds) the rest is dropped and counted.
   * A flush in flight at that moment still settles. Safe to call twice.
   */
  close(options?: { readonly deadlineMs?: number | undefined }): Promise<{ readonly notWritten: number }>
}
