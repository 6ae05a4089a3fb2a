import type { Clock } from '../../clock.ts'
import type { LockkeeperError } from '../../errors/lockkeeper-error.ts'
import type { PendingRead } from '../../readers/pending-read.ts'
import type { ReadClass } from '../../readers/read-class.ts'
import { channels } from './channels.ts'
import type { ReadMessage } from './messages.ts'

type Message = { -readonly [Field in keyof ReadMessage]: ReadMessage[Field] }

/** Reads that are told of, from their call to their answer. */
export class ReadTracer {
  readonly #clock: Pick<Clock, 'now'>
  readonly #message: Message

  /** Of a read that enters while somebody listens; of another one undefined, and nothing is made for it. */
  static start(
    read: PendingRead,
    to: ReadClass,
    database: string,
    clock: Pick<Clock, 'now'>,
  ): ReadTracer | undefined {
    if (!channels.read.hasSubscribers && !channels.readStart.hasSubscribers) return undefined
    return new ReadTracer(read, to, database, clock)
  }

  private constructor(
    { label, work, enteredAtMs }: PendingRead,
    to: ReadClass,
    database: string,
    clock: Pick<Clock, 'now'>,
  ) {
    this.#clock = clock
    this.#message = {
      ...{ database, label: label ?? 'unlabelled', class: to, kind: work.kind },
      sql: work.kind === 'query' ? work.sql : undefined,
      startedAtMs: enteredAtMs,
      endedAtMs: undefined,
      outcome: undefined,
      errorCode: undefined,
      waitMs: undefined,
      runMs: undefined,
      rows: undefined,
    }
    if (channels.readStart.hasSubscribers) channels.readStart.publish(this.#message)
  }

  ran(ms: number, rows: number): void {
    this.#message.runMs = ms
    this.#message.rows = rows
  }

  ended({ postedAtMs, enteredAtMs }: PendingRead, error: LockkeeperError | undefined): void {
    const message = this.#message
    const nowMs = this.#clock.now()
    message.endedAtMs = nowMs
    message.outcome = error === undefined ? 'answered' : 'failed'
    message.errorCode = error?.code
    message.waitMs = (postedAtMs ?? nowMs) - enteredAtMs
    channels.read.publish(message)
  }
}
