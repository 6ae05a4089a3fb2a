import type { Clock } from '../../clock.ts'
import type { PendingWrite } from '../../mailbox/pending-write.ts'
import type { TicketOutcome } from '../../mailbox/ticket.ts'
import { channels } from './channels.ts'
import type { WriteMessage } from './messages.ts'

type Message = { -readonly [Field in keyof WriteMessage]: WriteMessage[Field] }

/** Writes that are told of, from their call to their outcome. */
export class WriteTracer {
  readonly #clock: Pick<Clock, 'now'>
  readonly #message: Message

  /** Of a write that enters while somebody listens; of another one undefined, and nothing is made for it. */
  static start(write: PendingWrite, database: string, clock: Pick<Clock, 'now'>): WriteTracer | undefined {
    if (!channels.write.hasSubscribers && !channels.writeStart.hasSubscribers) return undefined
    return new WriteTracer(write, database, clock)
  }

  private constructor(
    { label, lane, work, enteredAtMs }: PendingWrite,
    database: string,
    clock: Pick<Clock, 'now'>,
  ) {
    this.#clock = clock
    this.#message = {
      ...{ database, label: label ?? 'unlabelled', lane, kind: work.kind },
      sql: work.kind === 'statement' || work.kind === 'bulk' ? work.sql : undefined,
      startedAtMs: enteredAtMs,
      endedAtMs: undefined,
      outcome: undefined,
      errorCode: undefined,
      queueWaitMs: undefined,
      beginWaitMs: undefined,
      holdMs: undefined,
      rows: undefined,
      retries: 0,
      batch: undefined,
    }
    if (channels.writeStart.hasSubscribers) channels.writeStart.publish(this.#message)
  }

  began(batch: number): void {
    this.#message.batch = batch
  }

  held(ms: number, rows: number): void {
    this.#message.holdMs = ms
    this.changed(rows)
  }

  /** @param rows that its statements have changed; of other work nothing is known. */
  changed(rows: number): void {
    const { kind } = this.#message
    if (kind === 'statement' || kind === 'bulk' || kind === 'atomic') this.#message.rows = rows
  }

  wentBack(): void {
    this.#message.retries++
  }

  ended({ takenAtMs, enteredAtMs, beginWaitMs }: PendingWrite, end: TicketOutcome<unknown>): void {
    const message = this.#message
    const nowMs = this.#clock.now()
    message.endedAtMs = nowMs
    message.outcome = end.outcome
    if ('error' in end) message.errorCode = end.error.code
    if (end.outcome !== 'committed') message.rows = undefined
    message.queueWaitMs = (takenAtMs ?? nowMs) - enteredAtMs - beginWaitMs
    message.beginWaitMs = beginWaitMs
    channels.write.publish(message)
  }
}
