import type { ReadClass } from '../../readers/read-class.ts'
import { channels } from './channels.ts'
import type { LeaseMessage } from './messages.ts'

type Message = { -readonly [Field in keyof LeaseMessage]: LeaseMessage[Field] }

/** What is known of a snapshot or a stream. */
export interface Lent {
  readonly label: string | undefined
  readonly enteredAtMs: number
  /** 0 until it has got its reader. */
  readonly lentAtMs: number
}

/** Snapshots and streams that are told of, from when they ask for a reader until they are over. */
export class LeaseTracer {
  readonly #of = new WeakMap<Lent, Message>()
  readonly #database: string

  constructor(database: string) {
    this.#database = database
  }

  asked(lent: Lent, to: ReadClass): void {
    if (!channels.lease.hasSubscribers && !channels.leaseStart.hasSubscribers) return
    const message: Message = {
      ...{ database: this.#database, label: lent.label ?? 'unlabelled', class: to },
      startedAtMs: lent.enteredAtMs,
      endedAtMs: undefined,
      waitMs: undefined,
      heldMs: undefined,
    }
    this.#of.set(lent, message)
    channels.leaseStart.publish(message)
  }

  over(lent: Lent, nowMs: number): void {
    const message = this.#of.get(lent)
    if (message === undefined) return
    const hadReader = lent.lentAtMs > 0
    message.endedAtMs = nowMs
    message.waitMs = (hadReader ? lent.lentAtMs : nowMs) - lent.enteredAtMs
    message.heldMs = hadReader ? nowMs - lent.lentAtMs : undefined
    channels.lease.publish(message)
  }
}
