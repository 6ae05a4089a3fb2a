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
 * caller who is told of a failure knows that nothing of the call is still under way. Only an abort, want of room and closing
 * settle it before, and say `unknown` if any value was in.
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
    // An app's function may abort the call that it is run for.
    while (this.#next < this.#values.length && !this.#hasEnded) {
      if (!this.#handIn(buffer, this.#values[this.#next] as Value)) return false
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
    if (this.#hasEnded) return
    const { label, signal } = this.#terms
    const fields = {
      code,
      stage: code === 'closed' ? 'close' : 'admission',
      outcome: this.#next === 0 && this.#outstanding === 0 ? 'not-stored' : 'unknown',
      retryable: code === 'queue-full',
      retryAfterMs,
      label,
      cause: code === 'aborted' ? signal?.reason : undefined,
    } as const
    this.#end(withoutStack(() => new LockkeeperError(withdrawals[code], fields)))
  }

  /** Answers whether there was room. A value that can't be handed in at all has failed, and the call goes on with the others. */
  #handIn(buffer: KeyedBuffer<Value>, value: Value): boolean {
    this.#outstanding += 1
    try {
      if (buffer.admit(value, this)) return true
      this.#outstanding -= 1
      return false
    } catch (thrown) {
      this.#outstanding -= 1
      this.#error ??= this.#refusal(thrown)
      return true
    }
  }

  #refusal(thrown: unknown): LockkeeperError {
    if (isLockkeeperError(thrown)) return thrown
    const fields = { code: 'invalid-argument', stage: 'admission', outcome: 'not-stored' } as const
    const message =
      'The coalescer’s key, merge or changes function threw at a value of this put: see the cause'
    return new LockkeeperError(message, { ...fields, cause: thrown, label: this.#terms.label })
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
