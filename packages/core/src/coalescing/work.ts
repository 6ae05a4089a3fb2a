import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import type { KeyedBuffer } from './buffer.ts'
import type { PutQueue } from './put-queue.ts'

/** How a flush ended, as the machine hears of it: no values, only what decides the next state. */
export type FlushResult =
  | { readonly kind: 'stored' }
  | { readonly kind: 'failed'; readonly code: string; readonly retryAfterMs: number | undefined }

/** What the machine knows of the values: whether there are any, whether they are due, and how to flush them. */
export interface CoalescerWork {
  /** Nothing held, nothing in flight, nobody waiting for room. */
  readonly isEmpty: boolean
  /** Whether a flush should start now: by size, age or demand. */
  readonly isDue: boolean
  /** How long until the oldest value is due by age, in milliseconds. */
  readonly untilDueMs: number
  /** Flushes one batch, or joins the flush under way; never rejects. */
  flush(): Promise<FlushResult>
  /** Gives up all that is held or waits for room; what is in flight keeps its course. */
  abandon(): void
  /** Depths only: inspectors serialise what machines hold. */
  toJSON(): unknown
}

/**
 * What a failed flush means for its values. A refusal that asks to be repeated costs them nothing; a stopped writer
 * takes nothing more; all else is a strike. A flush of unknown outcome is a strike too, and tried again: flush
 * procedures bear repetition.
 */
export function verdict(error: LockkeeperError): 'pardon' | 'strike' | 'fatal' {
  if (error.code === 'closed' || error.code === 'writer-stopped') return 'fatal'
  return error.retryable ? 'pardon' : 'strike'
}

/** The values of one coalescer, with the way to flush them: what its machine holds, and looks at only through here. */
export class BufferedWork<Value> implements CoalescerWork {
  readonly #name: string
  readonly #buffer: KeyedBuffer<Value>
  readonly #puts: PutQueue<Value>
  readonly #call: (values: Value[]) => Promise<TicketOutcome<unknown>>
  #underWay: Promise<FlushResult> | undefined
  #abandoned = false
  #notWritten = 0
  #flushes = { committed: 0, failed: 0 }

  constructor(parts: {
    name: string
    buffer: KeyedBuffer<Value>
    puts: PutQueue<Value>
    call: (values: Value[]) => Promise<TicketOutcome<unknown>>
  }) {
    this.#name = parts.name
    this.#buffer = parts.buffer
    this.#puts = parts.puts
    this.#call = parts.call
  }

  get isEmpty(): boolean {
    return this.#buffer.held + this.#buffer.inFlight === 0 && this.#puts.isEmpty
  }

  get isDue(): boolean {
    return this.#buffer.isDue
  }

  get untilDueMs(): number {
    return this.#buffer.untilDueMs
  }

  get flushes(): { readonly committed: number; readonly failed: number } {
    return { ...this.#flushes }
  }

  flush(): Promise<FlushResult> {
    this.#underWay ??= this.#fly().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  /** Values that were given up when it stopped. */
  get notWritten(): number {
    return this.#notWritten
  }

  abandon(): void {
    this.#abandoned = true
    this.#notWritten += this.#buffer.held + this.#puts.waiting
    const message = `${this.#name} closed before these values were written`
    this.#buffer.abandon(
      new LockkeeperError(message, {
        code: 'closed',
        stage: 'close',
        outcome: 'not-stored',
        label: this.#name,
      }),
    )
    this.#puts.close()
  }

  toJSON(): unknown {
    return { name: this.#name, ...this.#buffer.toJSON(), waiting: this.#puts.waiting }
  }

  async #fly(): Promise<FlushResult> {
    await undefined // the offer that filled the batch returns first: copying the batch is not its caller's to pay
    const values = this.#buffer.take()
    if (values.length === 0) return { kind: 'stored' }
    const outcome = await this.#outcomeOf(values)
    const failed = 'error' in outcome && outcome.outcome !== 'committed' ? outcome.error : undefined
    if (failed === undefined) this.#buffer.committed()
    else this.#buffer.failed(failed, this.#abandoned ? 'fatal' : verdict(failed)) // nobody would try again
    this.#flushes[failed === undefined ? 'committed' : 'failed'] += 1
    this.#puts.pump()
    if (failed === undefined) return { kind: 'stored' }
    return { kind: 'failed', code: failed.code, retryAfterMs: failed.retryAfterMs }
  }

  async #outcomeOf(values: Value[]): Promise<TicketOutcome<unknown>> {
    try {
      return await this.#call(values)
    } catch (cause) {
      // A batch over what one request carries ends here: it must not stop the actor.
      const message = `${this.#name} could not hand its values to the writer`
      const fields = { code: 'invalid-argument', stage: 'admission', outcome: 'not-stored', cause } as const
      return { outcome: 'not-stored', error: new LockkeeperError(message, { ...fields, label: this.#name }) }
    }
  }
}
