import { LockkeeperError, type LockkeeperErrorFields } from '../errors/lockkeeper-error.ts'
import { withoutStack } from '../errors/without-stack.ts'
import type { Endings, Impatient } from '../mailbox/patience.ts'
import type { ReadTracer } from '../telemetry/channels/read-tracer.ts'
import type { ReadRow } from '../telemetry/read-ledger.ts'
import type { ReadAnswer, ReadWork } from './read-work.ts'
import type { Tenant } from './tenant.ts'

export type GoodAnswer = Exclude<ReadAnswer, { kind: 'error' }>

/** A write, or what a coalescer holds back for a key, which a read may wait for. */
export interface Settling {
  /** @param hasLeft says that nobody waits any more, so that it need not be remembered until then. */
  whenSettled(callback: () => void, hasLeft?: () => boolean): void
  /** Somebody waits for it: it should have its turn soon. */
  promote?(): void
}

export interface PendingReadFields {
  readonly work: ReadWork
  readonly label: string | undefined
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** What it wants to see: it gets no reader before that has its outcome. */
  readonly after?: Settling | undefined
  /** Ours: no report counts it. */
  readonly isOwn?: boolean | undefined
  readonly answer: (answer: GoodAnswer) => void
  readonly fail: (error: LockkeeperError) => void
}

/** A read from its call to its answer. */
export class PendingRead implements Impatient {
  readonly work: ReadWork
  readonly label: string | undefined
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  readonly after: Settling | undefined
  readonly isOwn: boolean
  enteredAtMs = 0
  /** When the message was sent that it is in; undefined while it waits. */
  postedAtMs: number | undefined
  /** Where it is accounted for. */
  row: ReadRow | undefined
  /** Tells of it to those who listen; undefined where nobody did when it was called. */
  tracer: ReadTracer | undefined
  /** Reader threads that died while running it: it is run once more, then refused. */
  strikes = 0
  /** Whether it was run already, before a slow read, and its answer thrown away: it is known to be short. */
  moved = false
  /** Whether it stands in the queue; what is taken out of the middle leaves a gap there. */
  waits = false
  stopWatching: (() => void) | undefined
  readonly #answer: (answer: GoodAnswer) => void
  readonly #fail: (error: LockkeeperError) => void
  #settled = false

  constructor(fields: PendingReadFields) {
    this.work = fields.work
    this.label = fields.label
    this.deadlineMs = fields.deadlineMs
    this.signal = fields.signal
    this.after = fields.after
    this.isOwn = fields.isOwn ?? false
    this.#answer = fields.answer
    this.#fail = fields.fail
  }

  /** Whether its caller has been told how it ended. Its reader may still be at it. */
  get settled(): boolean {
    return this.#settled
  }

  answer(answer: GoodAnswer): void {
    this.#end(undefined)
    this.#answer(answer)
  }

  fail(error: LockkeeperError): void {
    this.#end(error)
    this.#fail(error)
  }

  #end(error: LockkeeperError | undefined): void {
    if (this.#settled) throw new Error('A read was settled twice')
    this.#settled = true
    this.tracer?.ended(this, error)
  }
}

/** How a read ends whose caller waits no longer, be it in the queue or at a reader. */
export const endedRead: Endings<PendingRead> = {
  overdue: ({ deadlineMs, label }) =>
    failure(`The read was not answered within ${deadlineMs} ms, and its deadline has passed`, {
      code: 'deadline-exceeded',
      stage: 'read',
      label,
      retryable: true,
    }),
  aborted: ({ signal, label }) =>
    failure('The read was ended by its signal', {
      code: 'aborted',
      stage: 'read',
      label,
      cause: signal?.reason,
    }),
}

/** How a snapshot or a stream ends that waits for a reader, or has one. */
export const endedTenant: Endings<Tenant> = {
  overdue: ({ deadlineMs, label }) =>
    failure(`It was not through within ${deadlineMs} ms, and its deadline has passed`, {
      code: 'deadline-exceeded',
      stage: 'read',
      label,
      retryable: true,
    }),
  aborted: ({ signal, label }) =>
    failure('It was ended by its signal', { code: 'aborted', stage: 'read', label, cause: signal?.reason }),
}

const failure = (message: string, fields: LockkeeperErrorFields): LockkeeperError =>
  withoutStack(() => new LockkeeperError(message, fields))
