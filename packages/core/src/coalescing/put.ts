import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { withoutStack } from '../errors/without-stack.ts'
import type { KeyedBuffer } from './buffer.ts'
import type { Waiter } from './entry.ts'
import { lazyOutcome } from './lazy-outcome.ts'
import type { PutTicket } from './types.ts'

const withdrawals = {
  aborted: 'The signal ended the wait; values that were taken in before may still be committed',
  closed: 'The coalescer closed before there was room',
  'queue-full':
    'The coalescer holds its fill; try again after `retryAfterMs`, or declare the overflow `wait`',
} as const

export interface PutTerms<Value> {
  readonly label: string
  readonly signal: AbortSignal | undefined
  readonly onAbort: (put: Put<Value>) => void
  /** Told once, when its caller has been told. */
  readonly onEnd: (put: Put<Value>) => void
}

/**
 * One call of `put`: values on their way into the buffer and out of it again. It settles once, when every value has ended: a
 * caller who is told of a failure knows that nothing of the call is still under way. Only an abort settles it before.
 */
export class Put<Value> implements Waiter {
  readonly #values: readonly Value[]
  readonly #terms: PutTerms<Value>
  readonly #onAbort: () => void
  readonly #outcome = lazyOutcome()
  #next = 0
  #outstanding = 0
  #error: LockkeeperError | undefined
  #hasEnded = false

  constructor(values: readonly Value[], terms: PutTerms<Value>) {
    this.#values = values
    this.#terms = terms
    this.#onAbort = () => terms.onAbort(this)
    terms.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get ticket(): PutTicket {
    return this.#outcome.ticket
  }

  /** Its caller has been told: what its values come to is nobody's to hear. */
  get isAbandoned(): boolean {
    return this.#hasEnded
  }

  /** Values that wait for room. */
  get waiting(): number {
    return this.#hasEnded ? 0 : this.#values.length - this.#next
  }

  /** Moves values into the buffer while there is room; answers whether all are in. */
  advance(buffer: KeyedBuffer<Value>): boolean {
    while (this.#next < this.#values.length) {
      this.#outstanding += 1
      let isIn = false
      try {
        isIn = buffer.admit(this.#values[this.#next] as Value, this)
      } finally {
        if (!isIn) this.#outstanding -= 1
      }
      if (!isIn) return false
      this.#next += 1
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
  withdraw(code: keyof typeof withdrawals, retryAfterMs?: number): void {
    const { label, signal } = this.#terms
    const fields = {
      code,
      stage: code === 'closed' ? 'close' : 'admission',
      outcome: this.#next === 0 ? 'not-stored' : 'unknown',
      retryable: code === 'queue-full',
      retryAfterMs,
      label,
      cause: code === 'aborted' ? signal?.reason : undefined,
    } as const
    this.#end(withoutStack(() => new LockkeeperError(withdrawals[code], fields)))
  }

  /** Ends the call because a value could not be handed to the buffer at all. */
  fail(thrown: unknown): void {
    if (isLockkeeperError(thrown)) {
      this.#end(thrown)
      return
    }
    const outcome = this.#next === 0 ? 'not-stored' : 'unknown'
    const fields = { code: 'invalid-argument', stage: 'admission', outcome, cause: thrown } as const
    const message =
      'The coalescer’s key, merge or changes function threw at a value of this put: see the cause'
    this.#end(new LockkeeperError(message, { ...fields, label: this.#terms.label }))
  }

  #finish(): void {
    if (this.#next < this.#values.length || this.#outstanding > 0 || this.#hasEnded) return
    this.#end(this.#error)
  }

  #end(error: LockkeeperError | undefined): void {
    this.#hasEnded = true
    this.#terms.signal?.removeEventListener('abort', this.#onAbort)
    this.#outcome.settle(error)
    this.#terms.onEnd(this)
  }
}
