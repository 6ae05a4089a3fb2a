import type { Clock } from '../clock.ts'
import type { Database } from '../database/types.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { Ticket, TicketOutcome } from '../mailbox/ticket.ts'
import type { DropCause } from './buffer-counts.ts'
import type { Key } from './entry.ts'
import type { CoalescerInput } from './machine.ts'

/** What a coalescer needs of a database: a place for its actor, word of the end, and where losses are counted. */
export type CoalescerHost = Pick<Database, 'spawn' | 'beforeClose'> &
  Partial<Pick<Database, 'countDropped' | 'countCoalesced'>>

/**
 * Where flushes go: a writing procedure of a database (`db.procedure.peers.upsertMany`), or whatever else takes a batch and tells
 * how it ended. Its outcome never rejects.
 */
export interface FlushTarget<Value> {
  readonly name: string
  readonly call: (
    values: Value[],
    options: { readonly lane: LaneName; readonly label: string | undefined },
  ) => { outcome(): Promise<TicketOutcome<unknown>> }
}

/**
 * What becomes of a value of a new key when the fill is held. Values of keys that are held already merge, and need no room.
 * - `drop`: the arriving value is lost, and counted.
 * - `drop-oldest`: the one that has waited longest gives way, is lost and counted; what is in flight stays.
 * - `reject`: as `drop`, but nothing counts as lost: whoever brought it has it still, and tries again.
 * - `wait`: `put` waits for room, in order; offers find none meanwhile, and are lost and counted.
 */
export type CoalescerOverflow = 'drop' | 'drop-oldest' | 'reject' | 'wait'

/** The outcome of a put or a flush to come. Lazy as a write's ticket: one that nobody awaits makes no promise. */
export type PutTicket = Omit<Ticket<undefined>, 'seq'>

export interface CoalescerOptions<Value> {
  /** The actor's system id, and its name in errors. */
  readonly name: string
  /** Values of one key are merged while they wait. */
  readonly key: (value: Value) => Key
  /** What a key's older and newer value become: what flushing one after the other would. Default: the newer one. */
  readonly merge?: ((older: Value, newer: Value) => Value) | undefined
  /**
   * Whether a value would change anything. It is given the newest value of the key that is on its way, else what was last
   * written of it; a value of a key of which neither is known is taken in unasked. Values that change nothing are counted as
   * `filtered`, and cost neither a copy nor a write. Must be pure and quick: it runs in every offer.
   */
  readonly changes?: ((next: Value, lastWritten: Value) => boolean) | undefined
  /** Keys whose last written value is remembered for `changes`. Default 8,192; those not offered for longest are forgotten. */
  readonly rememberedItemsMax?: number | undefined
  /** Bytes of what is remembered. Default 16 MiB. */
  readonly rememberedBytesMax?: number | undefined
  /** The writing procedure that takes a batch. It may be called again with values it has already stored. */
  readonly flush: FlushTarget<Value>
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
  /** When its fill is held. Default `drop`. */
  readonly overflow?: CoalescerOverflow | undefined
  /** Tells the age of values; must be the actor system's clock. Default: the process's. */
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/**
 * Values by what became of them. Every value offered is in exactly one place: `offered = filtered + merged + flushed + rejected +
 * dropped (full, failed, closed) + held + inFlight`.
 */
export interface CoalescerCounts {
  /** Values handed in, refused ones included. */
  readonly offered: number
  /** Values that would have changed nothing. */
  readonly filtered: number
  /** Values that went on inside a newer one of their key. */
  readonly merged: number
  /** Values committed. */
  readonly flushed: number
  /** Values handed back to who brought them, with the overflow `reject`. */
  readonly rejected: number
  /** Values lost, by cause: no room, a flush that failed for good, a close that came first. */
  readonly dropped: Readonly<Record<DropCause, number>>
  /** The same by the code of the error that whoever waited was told. */
  readonly causes: Readonly<Record<string, number>>
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
  /** Failed flushes that went on in halves, to find the value that was to blame. */
  readonly splits: number
}

/** What a coalescer holds of a key at the moment it is asked: a read’s `after` waits for it. */
export interface PendingKey {
  /**
   * Calls back once it is committed or given up; at once if there is nothing. Whoever asks has it flushed now.
   * @param hasLeft says that nobody waits any more: it is forgotten then, however long the flush may take.
   */
  whenSettled(callback: () => void, hasLeft?: () => boolean): void
}

/** A coalescing actor. Made by {@link coalescer}. */
export interface Coalescer<Value> {
  readonly name: string
  readonly counts: CoalescerCounts

  /**
   * Hands in a value, best effort: synchronous, in constant time, never waiting.
   * Answers whether it is taken care of: taken in, or filtered because it would change nothing. False if there is no room, puts
   * wait for room, or it is closed; it is counted then.
   * @throws what the app's own functions throw, and LockkeeperError `invalid-argument` for a value that can't be copied.
   */
  offer(value: Value): boolean

  /**
   * Hands in a value and answers with a ticket: its outcome once this value, or a newer one of its key, is committed. With the
   * overflow `wait` it first waits for room: that is the backpressure. A value that changes nothing is answered with what it
   * was compared with. What waits for room is not copied yet: leave it alone until it has ended.
   *
   * @example
   * await peers.put(peer)
   * const { outcome } = await peers.put(peer).outcome() // never rejects
   *
   * @throws nothing at the call. The ticket fails with LockkeeperError `queue-full` (no room; `retryAfterMs` says when to try
   * again), `closed`, `aborted` (`outcome` says whether it can still be stored), `invalid-argument`, or the error of a flush
   * that was given up.
   */
  put(value: Value, options?: { readonly signal?: AbortSignal | undefined }): PutTicket

  /**
   * Hands in values, in order, as there is room, and answers once all are committed. If some fail, it goes on with the
   * others and fails with the first error when all have ended.
   */
  putMany(values: readonly Value[], options?: { readonly signal?: AbortSignal | undefined }): PutTicket

  /** Flushes what is held now, and answers once it is committed. The ticket fails if any of it was given up. */
  flush(): PutTicket

  /**
   * What it holds of a key, to be waited for by a read that wants to see it. The flush under way is promoted if the key is in
   * it, and the key is in the next one, whatever its age and whatever else is held.
   *
   * @example
   * seen.offer({ id: 'a', address: '…' })
   * await db.read('select * from peers where id = ?', ['a'], { after: seen.pending('a') })
   */
  pending(key: Key): PendingKey

  /** The rows were changed by another road: what it remembers of a key, or of all, no longer filters. */
  forget(key?: Key): void

  /**
   * Takes no more, flushes what is held, and stops; after the deadline (milliseconds) the rest is dropped and counted.
   * A flush in flight at that moment still settles. Safe to call twice.
   */
  close(options?: { readonly deadlineMs?: number | undefined }): Promise<{ readonly notWritten: number }>
}

/** A coalescer whose actor is for you to spawn, in a system of your own. Made by {@link createCoalescer}. */
export interface EmbeddedCoalescer<Value> extends Coalescer<Value> {
  /** For `spawn(coalescerMachine, { input })`. One actor, once. */
  readonly input: CoalescerInput
}
