import { systemClock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { withoutStack } from '../errors/without-stack.ts'
import { timerMsMax } from '../limits.ts'
import { type PendingWrite, WriteTicket } from '../mailbox/pending-write.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import { detach } from '../wire/values.ts'
import { KeyedBuffer } from './buffer.ts'
import type { Key, Waiter } from './entry.ts'
import { Flights } from './flights.ts'
import { lazyOutcome } from './lazy-outcome.ts'
import { coalescerLimits } from './limits.ts'
import type { CoalescerInput } from './machine.ts'
import { PutQueue } from './put-queue.ts'
import type { CoalescerCounts, CoalescerOptions, EmbeddedCoalescer, PendingKey, PutTicket } from './types.ts'
import { BufferedWork } from './work.ts'

/** What whoever hosts a coalescer wants to hear. */
export interface CoalescerWatch {
  /** Of every loss, by the code of its error. */
  readonly onDropped?: (code: string, count: number) => void
  /** Of values that changed nothing or were merged since it was told last: with each flush, and at the end. */
  readonly onCoalesced?: (count: number) => void
  /** That its actor has ended. */
  readonly onEnd?: () => void
}

/**
 * A coalescer without its actor, for apps that spawn the actor in an XState system of their own. Values offered before it is
 * spawned are held; it ends with its actor.
 *
 * @example
 * const peers = createCoalescer({ name: 'peer-writer', key: (peer: Peer) => peer.id, flush: flushThrough(writer, 'peers.upsertMany') })
 * spawn(coalescerMachine, { systemId: 'peer-writer', input: peers.input })
 * peers.offer(peer)
 */
export function createCoalescer<Value>(options: CoalescerOptions<Value>): EmbeddedCoalescer<Value> {
  return new CoalescerHandle(options)
}

/** What callers hold: values go into the buffer, and its actor hears only of what may start a flush. */
export class CoalescerHandle<Value> implements EmbeddedCoalescer<Value> {
  readonly name: string
  readonly input: CoalescerInput
  readonly #options: CoalescerOptions<Value>
  readonly #buffer: KeyedBuffer<Value>
  readonly #puts: PutQueue<Value>
  readonly #flights: Flights<Value>
  readonly #work: BufferedWork<Value>
  readonly #stopped = Promise.withResolvers<void>()
  #isClosing = false
  #flushesAsked = 0
  /** Reads that wait for a key: while there are any, flushes are promoted. */
  #awaited = 0
  #flushing: PendingWrite | undefined
  #coalescedTold = 0
  readonly #watch: CoalescerWatch

  constructor(options: CoalescerOptions<Value>, watch: CoalescerWatch = {}) {
    const { name, overflow = 'drop', clock = systemClock } = options
    const { backoffMsFirst, backoffMsMax } = coalescerLimits
    this.name = name
    this.#watch = watch
    this.#options = options
    this.#buffer = new KeyedBuffer({
      key: options.key,
      merge: options.merge ?? ((_older, newer) => newer),
      changes: options.changes,
      copy: detach,
      clock,
      itemsMax: options.itemsMax ?? coalescerLimits.itemsMaxDefault,
      bytesMax: options.bytesMax ?? coalescerLimits.bytesMaxDefault,
      itemsHeldMax: options.itemsHeldMax ?? coalescerLimits.itemsHeldMaxDefault,
      bytesHeldMax: options.bytesHeldMax ?? coalescerLimits.bytesHeldMaxDefault,
      rememberedItemsMax: options.rememberedItemsMax,
      rememberedBytesMax: options.rememberedBytesMax,
      ageMsMax: Math.min(options.ageMsMax ?? coalescerLimits.ageMsMaxDefault, timerMsMax),
      triesMax: coalescerLimits.triesMax,
      evicts: overflow === 'drop-oldest',
      signal: (type) => this.#work.wake({ type }),
      onDropped: watch.onDropped,
    })
    this.#puts = new PutQueue(this.#buffer, {
      label: options.label ?? name,
      overflow,
      retryAfterMs: () => this.#flights.retryAfterMs,
    })
    this.#flights = new Flights({
      name,
      clock,
      buffer: this.#buffer,
      puts: this.#puts,
      call: (values) => this.#call(values),
    })
    this.#work = new BufferedWork({
      ...{ name, buffer: this.#buffer, puts: this.#puts, flights: this.#flights },
      offer: (value: Value) => this.offer(value),
      onEnd: () => {
        this.#isClosing = true
        this.#stopped.resolve()
        this.#tellCoalesced()
        watch.onEnd?.()
      },
    })
    this.input = { work: this.#work, backoffMsFirst, backoffMsMax }
  }

  get counts(): CoalescerCounts {
    const { committed, failed, splits } = this.#flights.flushes
    const { held, inFlight } = this.#buffer
    return {
      ...this.#buffer.counts.now,
      ...{ failed, splits, held, inFlight },
      flushes: committed,
      waiting: this.#puts.waiting,
    }
  }

  get notWritten(): number {
    return this.#flights.notWritten
  }

  offer(value: Value): boolean {
    if (this.#isClosing) {
      this.#buffer.refused('closed')
      return false
    }
    if (this.#puts.isEmpty && this.#buffer.admit(value)) return true
    this.#buffer.refused(this.#options.overflow === 'reject' ? 'rejected' : 'full')
    return false
  }

  put(value: Value, options?: { readonly signal?: AbortSignal | undefined }): PutTicket {
    return this.putMany([value], options)
  }

  putMany(values: readonly Value[], options: { readonly signal?: AbortSignal | undefined } = {}): PutTicket {
    if (this.#isClosing) {
      this.#buffer.refused('closed', values.length)
      return this.#refused('closed', `${this.name} is closed`)
    }
    if (this.#puts.open >= coalescerLimits.waitersMax) {
      this.#buffer.refused(this.#options.overflow === 'reject' ? 'rejected' : 'full', values.length)
      return this.#refused(
        'queue-full',
        `${this.name} has ${this.#puts.open} calls waiting; await some of them`,
      )
    }
    return this.#puts.add(values, options.signal)
  }

  flush(): PutTicket {
    if (this.#flushesAsked >= coalescerLimits.waitersMax) {
      const message = `${this.name} has ${this.#flushesAsked} flushes asked for; await some of them`
      return this.#refused('queue-full', message)
    }
    const { ticket, settle } = lazyOutcome()
    this.#flushesAsked += 1
    this.#buffer.barrier({
      settled: (error) => {
        this.#flushesAsked -= 1
        settle(error)
      },
    })
    this.#work.wake({ type: 'flush' })
    return ticket
  }

  pending(key: Key): PendingKey {
    return {
      whenSettled: (callback, hasLeft) => {
        const forgotten = (): void => {
          this.#awaited -= 1
        }
        const waiter: Waiter = {
          get isAbandoned() {
            return hasLeft?.() === true
          },
          forgotten,
          settled: () => {
            forgotten()
            queueMicrotask(callback) // not amid a batch that settles: it may throw, or hand in values
          },
        }
        if (!this.#buffer.barrierOf(key, waiter)) return callback()
        this.#awaited += 1
        this.#flushing?.promote()
        this.#work.wake({ type: 'flush' })
      },
    }
  }

  forget(key?: Key): void {
    this.#buffer.forget(key)
  }

  async close(options: { readonly deadlineMs?: number | undefined } = {}): Promise<{ notWritten: number }> {
    await this.drain(options.deadlineMs ?? coalescerLimits.drainMsDefault)
    return { notWritten: this.notWritten }
  }

  /** Closes, and answers when its actor has ended. Without an actor nobody could flush: what is held is given up at once. */
  async drain(deadlineMs: number): Promise<void> {
    this.#isClosing = true
    this.#flights.close()
    this.#flushing?.promote() // lanes that rest for the log's sake would use the deadline up
    if (this.#work.hasActor) this.#work.wake({ type: 'drain', deadlineMs: Math.min(deadlineMs, timerMsMax) })
    else this.end()
    await this.#stopped.promise
  }

  /** The actor is no more, whatever ended it: nobody is left waiting. */
  end(): void {
    this.#work.detach()
  }

  #call(values: Value[]): Promise<TicketOutcome<unknown>> {
    this.#tellCoalesced()
    const { flush, lane = 'background', label } = this.#options
    const ticket = flush.call(values, { lane, label })
    this.#flushing = WriteTicket.writeOf(ticket)
    if (this.#awaited > 0 || this.#isClosing) this.#flushing?.promote()
    return ticket.outcome()
  }

  #tellCoalesced(): void {
    const { filtered, merged } = this.#buffer.counts
    const count = filtered + merged - this.#coalescedTold
    this.#coalescedTold += count
    if (count > 0) this.#watch.onCoalesced?.(count)
  }

  #refused(code: 'closed' | 'queue-full', message: string): PutTicket {
    const stage = code === 'closed' ? 'close' : 'admission'
    const retryAfterMs = code === 'queue-full' ? this.#flights.retryAfterMs : undefined
    const fields = { code, stage, retryAfterMs, outcome: 'not-stored', label: this.name } as const
    const { ticket, settle } = lazyOutcome()
    settle(withoutStack(() => new LockkeeperError(message, { ...fields, retryable: code === 'queue-full' })))
    return ticket
  }
}
