import type { KeyedBuffer } from './buffer.ts'
import { Put } from './put.ts'
import type { CoalescerOverflow, PutTicket } from './types.ts'

export interface PutQueueOptions {
  readonly label: string
  readonly overflow: CoalescerOverflow
  /** When there may be room again, in milliseconds. */
  readonly retryAfterMs: () => number
}

/**
 * Calls of `put` in the order they came, each waiting for room in the buffer. Nothing passes the one in front: a value
 * that did could be overtaken by an older one of its key that still waits.
 */
export class PutQueue<Value> {
  readonly #buffer: KeyedBuffer<Value>
  readonly #options: PutQueueOptions
  #open = 0
  #queue: Put<Value>[] = []
  #isPumping = false

  constructor(buffer: KeyedBuffer<Value>, options: PutQueueOptions) {
    this.#buffer = buffer
    this.#options = options
  }

  /** Values that wait for room. */
  get waiting(): number {
    return this.#queue.reduce((sum, put) => sum + put.waiting, 0)
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** Calls whose callers have not been told. */
  get open(): number {
    return this.#open
  }

  add(values: readonly Value[], signal: AbortSignal | undefined): PutTicket {
    const put = new Put(values, {
      label: this.#options.label,
      signal,
      onAbort: (aborted) => this.#abort(aborted),
      onEnd: () => {
        this.#open -= 1
      },
    })
    this.#open += 1
    if (signal?.aborted === true) put.withdraw('aborted')
    else {
      this.#queue.push(put)
      // Behind another there is no room: to try again would copy that one's value for nothing, with every put of a storm.
      if (this.#queue.length === 1) this.pump()
    }
    return put.ticket
  }

  /** Lets in what there is room for, in order. */
  pump(): void {
    if (this.#isPumping) return // an app's function put or aborted: the round under way comes to what it left
    this.#isPumping = true
    try {
      this.#letIn()
    } finally {
      this.#isPumping = false
    }
  }

  /** Ends every call that still waits for room. */
  close(): void {
    for (const put of this.#queue) {
      this.#buffer.refused('closed', put.waiting)
      put.withdraw('closed')
    }
    this.#queue = []
  }

  #letIn(): void {
    const { overflow, retryAfterMs } = this.#options
    for (let front = this.#queue[0]; front !== undefined; front = this.#queue[0]) {
      if (!front.advance(this.#buffer) && !front.isAbandoned) {
        if (overflow === 'wait') return
        this.#buffer.refused(overflow === 'reject' ? 'rejected' : 'full', front.waiting)
        front.withdraw('queue-full', retryAfterMs())
      }
      if (this.#queue[0] === front) this.#queue.shift()
    }
  }

  #abort(put: Put<Value>): void {
    this.#queue = this.#queue.filter((other) => other !== put)
    put.withdraw('aborted')
    this.pump()
  }
}
