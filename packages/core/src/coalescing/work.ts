import type { KeyedBuffer } from './buffer.ts'
import type { Flights } from './flights.ts'
import type { CoalescerEvent } from './machine.ts'
import type { PutQueue } from './put-queue.ts'

/** How a flush ended, as the machine hears of it: no values, only what decides the next state. */
export type FlushResult =
  | { readonly kind: 'stored' }
  /** Its halves fly next, without a pause. */
  | { readonly kind: 'split' }
  /** One value was alone and to blame, and is dropped: a short pause, so that many such can't keep the writer busy. */
  | { readonly kind: 'culprit' }
  | { readonly kind: 'failed'; readonly code: string; readonly retryAfterMs: number | undefined }

/** What the machine knows of the values: whether there are any, whether they are due, and how to flush them. */
export interface CoalescerWork {
  /** Nothing held, nothing in flight, nobody waiting for room. */
  readonly isEmpty: boolean
  /** Whether a flush should start now: by size, pressure, age or demand. */
  readonly isDue: boolean
  /** How long until the oldest value is due by age, in milliseconds. */
  readonly untilDueMs: number
  /** Best effort, as the coalescer's own `offer`. */
  offer(value: unknown): void
  /** An actor takes it on: whom to wake. */
  attach(wake: (event: CoalescerEvent) => void): void
  /** The actor has ended, in whatever way: nobody flushes any more. */
  detach(): void
  /** Flushes one batch, or joins the flush under way; never rejects. */
  flush(): Promise<FlushResult>
  /** Gives up all that is held or waits for room; what is in flight keeps its course. */
  abandon(): void
  /** Depths only: inspectors serialise what machines hold. */
  toJSON(): unknown
}

export interface WorkParts<Value> {
  readonly name: string
  readonly buffer: KeyedBuffer<Value>
  readonly puts: PutQueue<Value>
  readonly flights: Flights<Value>
  readonly offer: (value: Value) => void
  readonly onEnd: () => void
}

/** The values of one coalescer as its machine looks at them: what the machine holds, opaque. */
export class BufferedWork<Value> implements CoalescerWork {
  readonly #parts: WorkParts<Value>
  #wake: ((event: CoalescerEvent) => void) | undefined
  #hasEnded = false

  constructor(parts: WorkParts<Value>) {
    this.#parts = parts
  }

  get hasActor(): boolean {
    return this.#wake !== undefined
  }

  get isEmpty(): boolean {
    const { buffer, puts } = this.#parts
    return buffer.held + buffer.inFlight === 0 && puts.isEmpty
  }

  get isDue(): boolean {
    return this.#parts.buffer.isDue
  }

  get untilDueMs(): number {
    return this.#parts.buffer.untilDueMs
  }

  /** Tells the actor, if there is one. */
  wake(event: CoalescerEvent): void {
    this.#wake?.(event)
  }

  offer(value: unknown): void {
    try {
      this.#parts.offer(value as Value)
    } catch {
      this.#parts.buffer.refused('invalid') // an event has nobody to throw at, and must not end the actor
    }
  }

  attach(wake: (event: CoalescerEvent) => void): void {
    if (this.#wake !== undefined) throw new Error(`${this.#parts.name} has had its actor`)
    this.#wake = wake
    // Its first state was found when it was made: what came between that and its start has woken nobody.
    if (!this.isEmpty) wake({ type: 'arrived' })
    if (this.isDue) wake({ type: 'full' })
  }

  detach(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#parts.onEnd()
    this.abandon()
  }

  flush(): Promise<FlushResult> {
    return this.#parts.flights.flush()
  }

  abandon(): void {
    this.#parts.flights.abandon()
  }

  toJSON(): unknown {
    const { name, buffer, puts } = this.#parts
    return { name, ...buffer.toJSON(), waiting: puts.waiting }
  }
}
