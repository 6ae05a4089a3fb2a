import type { Clock } from '../clock.ts'
import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import type { KeyedBuffer } from './buffer.ts'
import { coalescerLimits } from './limits.ts'
import type { PutQueue } from './put-queue.ts'
import { verdict } from './verdict.ts'
import type { FlushResult } from './work.ts'

export interface FlightParts<Value> {
  readonly name: string
  readonly buffer: KeyedBuffer<Value>
  readonly puts: PutQueue<Value>
  readonly clock: Pick<Clock, 'now'>
  readonly call: (values: Value[]) => Promise<TicketOutcome<unknown>>
}

/** Flushes what a buffer holds, one batch at a time, and tells the buffer how it ended. */
export class Flights<Value> {
  readonly #parts: FlightParts<Value>
  #underWay: Promise<FlushResult> | undefined
  #isClosing = false
  #isAbandoned = false
  #notWritten = 0
  #lastMs = 0
  #flushes = { committed: 0, failed: 0, splits: 0 }

  constructor(parts: FlightParts<Value>) {
    this.#parts = parts
  }

  get flushes(): { readonly committed: number; readonly failed: number; readonly splits: number } {
    return { ...this.#flushes }
  }

  /** Values that were given up since it was to close: refused, failed, or out of time. */
  get notWritten(): number {
    return this.#notWritten
  }

  /** When there may be room again, in milliseconds: a flush makes some, and the last one took so long. */
  get retryAfterMs(): number {
    return Math.ceil(Math.min(Math.max(1, this.#lastMs), coalescerLimits.backoffMsMax))
  }

  flush(): Promise<FlushResult> {
    this.#underWay ??= this.#fly().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  /** From now on closing answers for every value that is given up. */
  close(): void {
    this.#isClosing = true
  }

  abandon(): void {
    const { buffer, puts, name } = this.#parts
    this.#isClosing = true
    this.#isAbandoned = true
    const message = `${name} closed before these values were written`
    const fields = { code: 'closed', stage: 'close', outcome: 'not-stored', label: name } as const
    this.#notWritten += puts.waiting
    this.#notWritten += buffer.abandon(new LockkeeperError(message, fields))
    puts.close()
  }

  async #fly(): Promise<FlushResult> {
    await undefined // the offer that filled the batch returns first: copying the batch is not its caller's to pay
    const { buffer, puts, clock } = this.#parts
    const values = buffer.take()
    if (values.length === 0) return { kind: 'stored' }
    const startedAtMs = clock.now()
    const outcome = await this.#outcomeOf(values)
    this.#lastMs = clock.now() - startedAtMs
    const failed = 'error' in outcome && outcome.outcome !== 'committed' ? outcome.error : undefined
    if (failed === undefined) {
      buffer.committed()
      this.#flushes.committed += 1
      puts.pump()
      return { kind: 'stored' }
    }
    this.#flushes.failed += 1
    const result = this.#failed(failed, values.length)
    puts.pump()
    return result
  }

  #failed(error: LockkeeperError, size: number): FlushResult {
    const judged = this.#isAbandoned ? 'fatal' : verdict(error) // nobody would try again
    const dropped = this.#parts.buffer.failed(error, judged)
    if (this.#isClosing) this.#notWritten += dropped
    if (judged !== 'split') return { kind: 'failed', code: error.code, retryAfterMs: error.retryAfterMs }
    if (size === 1) return { kind: 'culprit' }
    this.#flushes.splits += 1
    return { kind: 'split' }
  }

  async #outcomeOf(values: Value[]): Promise<TicketOutcome<unknown>> {
    const { name, call } = this.#parts
    let outcome: 'not-stored' | 'unknown' = 'not-stored'
    try {
      const answer = call(values)
      outcome = 'unknown' // handed over: a rejection from here on says nothing of what is stored
      return await answer
    } catch (cause) {
      // An app's own target may throw, though it should not: that must not stop the actor.
      if (isLockkeeperError(cause) && (cause.outcome !== undefined || outcome === 'not-stored'))
        return { outcome: cause.outcome ?? outcome, error: cause }
      const message = `${name} could not hand its values to the writer, or was not told how that ended: see the cause`
      const fields = { code: 'invalid-argument', stage: 'admission', outcome, cause, label: name } as const
      return { outcome, error: new LockkeeperError(message, fields) }
    }
  }
}
