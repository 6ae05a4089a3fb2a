import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { KeyedBuffer, Waiter } from './buffer.ts'

const withdrawals = {
  aborted: 'The signal ended the wait; values that were taken in before may still be committed',
  closed: 'The coalescer closed before there was room',
  'queue-full': 'The coalescer holds its fill; try again later, or declare the overflow `wait`',
} as const

interface PutOptions {
  readonly label: string
  readonly signal: AbortSignal | undefined
}

/**
 * One call of `put`: values on their way into the buffer and out of it again. Its promise settles once, when every
 * value has ended: a caller who is told of a failure knows that nothing of the call is still under way.
 */
class Put<Value> implements Waiter {
  readonly #values: readonly Value[]
  readonly #label: string
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: () => void
  readonly #resolvers = Promise.withResolvers<void>()
  #next = 0
  #outstanding = 0
  #error: LockkeeperError | undefined

  constructor(values: readonly Value[], options: PutOptions, onAbort: (put: Put<Value>) => void) {
    this.#values = values
    this.#label = options.label
    this.#signal = options.signal
    this.#onAbort = () => onAbort(this)
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get promise(): Promise<void> {
    return this.#resolvers.promise
  }

  get waiting(): number {
    return this.#values.length - this.#next
  }

  /** Moves values into the buffer while there is room; answers whether all are in. */
  advance(buffer: KeyedBuffer<Value>): boolean {
    while (this.#next < this.#values.length) {
      if (!buffer.admit(this.#values[this.#next] as Value, this)) return false
      this.#next += 1
      this.#outstanding += 1
    }
    this.#finish()
    return true
  }

  settled(error: LockkeeperError | undefined): void {
    this.#outstanding -= 1
    this.#error ??= error
    this.#finish()
  }

  /** Ends the call without the values that are not in yet. Those that are in may still be committed. */
  withdraw(code: keyof typeof withdrawals): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#resolvers.reject(
      new LockkeeperError(withdrawals[code], {
        code,
        stage: code === 'closed' ? 'close' : 'admission',
        outcome: this.#next === 0 ? 'not-stored' : 'unknown',
        retryable: code === 'queue-full',
        label: this.#label,
        cause: code === 'aborted' ? this.#signal?.reason : undefined,
      }),
    )
  }

  /** Ends the call because a value could not be handed to the buffer at all. */
  fail(thrown: unknown): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#resolvers.reject(thrown)
  }

  #finish(): void {
    if (this.#next < this.#values.length || this.#outstanding > 0) return
    this.#signal?.removeEventListener('abort', this.#onAbort)
    if (this.#error === undefined) this.#resolvers.resolve()
    else this.#resolvers.reject(this.#error)
  }
}

/**
 * Calls of `put` in the order they came, each waiting for room in the buffer. Nothing passes the one in front: a value
 * that did could be overtaken by an older one of its key that still waits.
 */
export class PutQueue<Value> {
  readonly #buffer: KeyedBuffer<Value>
  readonly #label: string
  readonly #overflow: 'drop' | 'wait'
  readonly #open = new Set<Put<Value>>()
  #queue: Put<Value>[] = []

  constructor(buffer: KeyedBuffer<Value>, options: { label: string; overflow: 'drop' | 'wait' }) {
    this.#buffer = buffer
    this.#label = options.label
    this.#overflow = options.overflow
  }

  /** Values that wait for room. */
  get waiting(): number {
    return this.#queue.reduce((sum, put) => sum + put.waiting, 0)
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** Calls that have not ended. */
  get open(): number {
    return this.#open.size
  }

  add(values: readonly Value[], signal: AbortSignal | undefined): Promise<void> {
    const put = new Put(values, { label: this.#label, signal }, (aborted) => this.#abort(aborted))
    this.#open.add(put)
    if (signal?.aborted === true) put.withdraw('aborted')
    else {
      this.#queue.push(put)
      this.pump()
    }
    return put.promise.finally(() => this.#open.delete(put))
  }

  /** Lets in what there is room for, in order. */
  pump(): void {
    while (this.#queue[0] !== undefined) {
      const front = this.#queue[0]
      try {
        if (!front.advance(this.#buffer)) {
          if (this.#overflow === 'wait') return
          this.#buffer.refused('full', front.waiting)
          front.withdraw('queue-full')
        }
      } catch (thrown) {
        front.fail(thrown) // the app's key or merge function threw, or the value can't be copied: its own call hears of it
      }
      this.#queue.shift()
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

  #abort(put: Put<Value>): void {
    this.#queue = this.#queue.filter((other) => other !== put)
    put.withdraw('aborted')
    this.pump()
  }
}
