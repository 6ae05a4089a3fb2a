import { systemClock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type PendingWrite, WriteTicket } from '../mailbox/pending-write.ts'
import { detach } from '../wire/values.ts'
import { KeyedBuffer } from './buffer.ts'
import { coalescerLimits } from './limits.ts'
import { type CoalescerActor, type CoalescerEvent, coalescerMachine } from './machine.ts'
import { PutQueue } from './put-queue.ts'
import type { Coalescer, CoalescerCounts, CoalescerHost, CoalescerOptions, PendingKey } from './types.ts'
import { BufferedWork } from './work.ts'

/**
 * Spawns an actor in the database's own system that gathers writes and flushes them in batches: the newest value per
 * key, or what `merge` makes of them. For best-effort writes (`offer`, which never waits) and for bulk that must arrive
 * (`put`, which waits for the commit and, with the overflow `wait`, for room).
 *
 * The flush procedure must bear repetition: a batch whose outcome nobody could tell is flushed again. Closing the
 * database drains it first.
 *
 * @example
 * const seen = coalescer(db, {
 *   name: 'peer-writer', key: (peer: Peer) => peer.id, flush: db.procedure.peers.upsertMany, overflow: 'drop',
 * })
 * seen.offer(peer)
 * await seen.flush()
 */
export function coalescer<Value>(host: CoalescerHost, options: CoalescerOptions<Value>): Coalescer<Value> {
  return new SpawnedCoalescer(host, options)
}

class SpawnedCoalescer<Value> implements Coalescer<Value> {
  readonly name: string
  readonly #buffer: KeyedBuffer<Value>
  readonly #puts: PutQueue<Value>
  readonly #work: BufferedWork<Value>
  readonly #actor: CoalescerActor
  readonly #stopped = Promise.withResolvers<void>()
  #closing = false
  #flushesAsked = 0
  /** Reads that wait for what is held: while there are any, flushes are promoted. */
  #awaited = 0
  #flushing: PendingWrite | undefined

  constructor(host: CoalescerHost, options: CoalescerOptions<Value>) {
    const { name, flush, lane = 'background', label } = options
    this.name = name
    this.#buffer = new KeyedBuffer({
      key: options.key,
      merge: options.merge ?? ((_older, newer) => newer),
      copy: detach,
      clock: options.clock ?? systemClock,
      itemsMax: options.itemsMax ?? coalescerLimits.itemsMaxDefault,
      bytesMax: options.bytesMax ?? coalescerLimits.bytesMaxDefault,
      itemsHeldMax: options.itemsHeldMax ?? coalescerLimits.itemsHeldMaxDefault,
      bytesHeldMax: options.bytesHeldMax ?? coalescerLimits.bytesHeldMaxDefault,
      ageMsMax: options.ageMsMax ?? coalescerLimits.ageMsMaxDefault,
      triesMax: coalescerLimits.triesMax,
      signal: (type) => this.#tell({ type }),
    })
    this.#puts = new PutQueue(this.#buffer, { label: label ?? name, overflow: options.overflow ?? 'drop' })
    this.#work = new BufferedWork({
      name,
      buffer: this.#buffer,
      puts: this.#puts,
      call: (values) => {
        const ticket = flush.call(values, { lane, label })
        this.#flushing = WriteTicket.writeOf(ticket)
        if (this.#awaited > 0) this.#flushing?.promote()
        return ticket.outcome()
      },
    })
    const { backoffMsFirst, backoffMsMax } = coalescerLimits
    this.#actor = host.spawn(coalescerMachine, {
      systemId: name,
      input: { work: this.#work, backoffMsFirst, backoffMsMax },
    })
    const unregister = host.beforeClose(({ deadlineMs }) => this.#drain(deadlineMs))
    const ended = () => {
      this.#closing = true
      this.#work.abandon() // a database that stopped without draining leaves nobody waiting
      unregister()
      this.#stopped.resolve()
    }
    this.#actor.subscribe({ complete: ended, error: ended })
  }

  get counts(): CoalescerCounts {
    const flushes = this.#work.flushes
    return {
      ...this.#buffer.counts,
      failed: flushes.failed,
      flushes: flushes.committed,
      held: this.#buffer.held,
      inFlight: this.#buffer.inFlight,
      waiting: this.#puts.waiting,
    }
  }

  offer(value: Value): boolean {
    if (this.#closing) {
      this.#buffer.refused('closed')
      return false
    }
    if (this.#puts.isEmpty && this.#buffer.admit(value)) return true
    this.#buffer.refused('full')
    return false
  }

  put(value: Value, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return this.putMany([value], options)
  }

  async putMany(
    values: readonly Value[],
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    if (this.#closing) {
      this.#buffer.refused('closed', values.length)
      throw this.#refusal('closed', `${this.name} is closed`)
    }
    if (this.#puts.open >= coalescerLimits.waitersMax) {
      this.#buffer.refused('full', values.length)
      throw this.#refusal(
        'queue-full',
        `${this.name} has ${this.#puts.open} calls waiting; await some of them`,
      )
    }
    await this.#puts.add(values, options.signal)
  }

  async flush(): Promise<void> {
    if (this.#flushesAsked >= coalescerLimits.waitersMax) {
      throw this.#refusal(
        'queue-full',
        `${this.name} has ${this.#flushesAsked} flushes asked for; await some of them`,
      )
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#flushesAsked += 1
    this.#buffer.barrier({
      settled: (error) => {
        this.#flushesAsked -= 1
        if (error === undefined) resolve()
        else reject(error)
      },
    })
    this.#tell({ type: 'flush' })
    await promise
  }

  pending(key: string): PendingKey {
    return {
      whenSettled: (callback) => {
        if (!this.#buffer.has(key)) return callback()
        this.#awaited++
        this.#flushing?.promote()
        this.#buffer.barrier({
          settled: () => {
            this.#awaited--
            callback()
          },
        })
        this.#tell({ type: 'flush' })
      },
    }
  }

  async close(options: { readonly deadlineMs?: number | undefined } = {}): Promise<{ notWritten: number }> {
    await this.#drain(options.deadlineMs ?? coalescerLimits.drainMsDefault)
    return { notWritten: this.#work.notWritten }
  }

  async #drain(deadlineMs: number): Promise<void> {
    this.#closing = true
    this.#tell({ type: 'drain', deadlineMs })
    await this.#stopped.promise
  }

  #tell(event: CoalescerEvent): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send(event)
  }

  #refusal(code: 'closed' | 'queue-full', message: string): LockkeeperError {
    const stage = code === 'closed' ? 'close' : 'admission'
    const retryable = code === 'queue-full'
    return new LockkeeperError(message, { code, stage, retryable, outcome: 'not-stored', label: this.name })
  }
}
