import type { Clock } from '../clock.ts'
import { LockkeeperError, type LockkeeperErrorFields } from '../errors/lockkeeper-error.ts'
import { withoutStack } from '../errors/without-stack.ts'
import type { PlannedBatch } from '../mailbox/mailbox.ts'
import { type Endings, Patience } from '../mailbox/patience.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import { CutOff } from './cut-off.ts'
import type { Interrupter } from './interrupter.ts'
import type { WorkGate } from './work-gate.ts'

export interface RunawayWritesParts {
  /** Its gate says which item runs, numbered from 1. */
  readonly control: { readonly gate: WorkGate }
  readonly clock: Clock
  /** Without one nothing is ever cut off. */
  readonly interrupter?: Interrupter | undefined
}

/** The errors of writes that were cut off, by item of their batch. */
export type CutOffWrites = ReadonlyMap<number, LockkeeperError>

const none: CutOffWrites = new Map()

/**
 * Cuts off writes that run on after their deadline or abort (promise 15). Only one that has then been seen to run for a whole
 * slice: an interrupted change costs its batch the transaction, so that its neighbours have to run again, and most writes end
 * sooner by themselves. A job's step is never cut off.
 */
export class RunawayWrites {
  /** The id by which the thread's connection can be interrupted, where it can. */
  connection: number | undefined
  readonly #parts: RunawayWritesParts
  readonly #patience: Patience<PendingWrite>
  #batch: PlannedBatch | undefined
  /** The writes of the batch that have a deadline or a signal, with their items. */
  readonly #items = new Map<PendingWrite, number>()
  /** Those whose deadline or abort has come. */
  readonly #over = new Map<number, LockkeeperError>()
  #cut: Map<number, LockkeeperError> | undefined
  #timer: unknown
  /** What ran at the last look. */
  #seen: number | undefined
  #cutOff: CutOff | undefined

  constructor(parts: RunawayWritesParts) {
    this.#parts = parts
    this.#patience = new Patience(parts.clock, cutOffWrite, (write, error) => this.#onOver(write, error))
  }

  /**
   * A batch is about to be posted. For the length of a slice nobody is cut off, and most batches end within it: until then
   * one timer is all that they cost.
   */
  watch(batch: PlannedBatch): void {
    const { interrupter } = this.#parts
    if (interrupter === undefined || this.connection === undefined || !batch.writes.some(isBound)) return
    this.#batch = batch
    this.#afterSlice(batch, () => this.#begin(batch))
  }

  /** The batch has been answered, or its thread has gone. @returns which of its writes were cut off. */
  end(): CutOffWrites {
    if (this.#batch === undefined) return none
    const { clock, control } = this.#parts
    this.#batch = undefined
    clock.clearTimeout(this.#timer)
    this.#timer = undefined
    for (const write of this.#items.keys()) this.#patience.unwatch(write)
    this.#items.clear()
    this.#over.clear()
    this.#endCutOff()
    const cut = this.#cut
    if (cut === undefined) return none
    this.#cut = undefined
    control.gate.allow()
    return cut
  }

  /** Its thread has been told to end, whatever it runs: it ends when its statement does. */
  abandon(): void {
    if (this.connection !== undefined) this.#parts.interrupter?.interrupt(this.connection)
  }

  #begin(batch: PlannedBatch): void {
    this.#timer = undefined
    for (const [item, write] of batch.writes.entries()) {
      if (!isBound(write)) continue
      this.#items.set(write, item)
      const error = this.#patience.exhausted(write)
      if (error === undefined) this.#patience.watch(write)
      else this.#onOver(write, error)
    }
  }

  #onOver(write: PendingWrite, error: LockkeeperError): void {
    this.#patience.unwatch(write)
    this.#over.set(this.#items.get(write) as number, error)
    if (this.#timer !== undefined || this.#batch === undefined) return
    this.#seen = this.#parts.control.gate.work
    this.#lookLater(this.#batch)
  }

  /** As long as the batch runs: a write that is over may have its turn only now, or once more after a lost transaction. */
  #lookLater(batch: PlannedBatch): void {
    this.#afterSlice(batch, () => {
      this.#look()
      this.#lookLater(batch)
    })
  }

  #look(): void {
    const { work } = this.#parts.control.gate
    const error = work === undefined ? undefined : this.#over.get(work - 1)
    if (work !== this.#seen) this.#endCutOff()
    else if (work !== undefined && error !== undefined && this.#cutOff === undefined)
      this.#cutShort(work, error)
    this.#seen = work
  }

  #afterSlice({ sliceMs }: PlannedBatch, act: () => void): void {
    this.#timer = this.#parts.clock.setTimeout(act, Math.max(1, sliceMs))
  }

  #cutShort(work: number, error: LockkeeperError): void {
    const { control, interrupter, clock } = this.#parts
    const { connection } = this
    if (interrupter === undefined || connection === undefined) return
    this.#cut ??= new Map()
    this.#cut.set(work - 1, error)
    control.gate.cancel(work)
    this.#cutOff = new CutOff({ gate: control.gate, work, connection, interrupter, clock })
  }

  #endCutOff(): void {
    this.#cutOff?.answered()
    this.#cutOff = undefined
  }
}

const isBound = ({ deadlineMs, signal, work }: PendingWrite): boolean =>
  (deadlineMs !== undefined || signal !== undefined) && work.kind !== 'job'

const cutOffWrite: Endings<PendingWrite> = {
  overdue: ({ deadlineMs, label }) =>
    failure(
      `The write still ran when its deadline of ${deadlineMs} ms had passed, and was cut off: nothing of it is stored`,
      { code: 'deadline-exceeded', label, retryable: true },
    ),
  aborted: ({ signal, label }) =>
    failure('The write was cut off by its signal while it ran: nothing of it is stored', {
      code: 'aborted',
      label,
      cause: signal?.reason,
    }),
}

const failure = (
  message: string,
  fields: Omit<LockkeeperErrorFields, 'stage' | 'outcome'>,
): LockkeeperError =>
  withoutStack(() => new LockkeeperError(message, { ...fields, stage: 'execute', outcome: 'not-stored' }))
