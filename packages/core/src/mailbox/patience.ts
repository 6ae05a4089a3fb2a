import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { timerMsMax } from '../limits.ts'
import { notStored, type PendingWrite } from './pending-write.ts'
import { SharedSignals } from './shared-signals.ts'

/** What may wait only so long. */
export interface Impatient {
  readonly enteredAtMs: number
  readonly deadlineMs: number | undefined
  readonly signal: AbortSignal | undefined
  /** Ends its deadline timer and its abort listener, while it is watched. */
  stopWatching: (() => void) | undefined
}

/** What its end is told as. */
export interface Endings<Item extends Impatient> {
  readonly overdue: (item: Item) => LockkeeperError
  readonly aborted: (item: Item) => LockkeeperError
}

/**
 * Ends a wait at its deadline or abort, not only when its turn comes (promise 15). What has neither costs nothing here.
 */
export class Patience<Item extends Impatient> {
  readonly #clock: Clock
  readonly #endings: Endings<Item>
  readonly #onEnd: (item: Item, error: LockkeeperError) => void
  readonly #signals = new SharedSignals()

  constructor(clock: Clock, endings: Endings<Item>, onEnd: (item: Item, error: LockkeeperError) => void) {
    this.#clock = clock
    this.#endings = endings
    this.#onEnd = onEnd
  }

  /** Why it may wait no longer, if so. */
  exhausted(item: Item): LockkeeperError | undefined {
    if (item.signal?.aborted) return this.#endings.aborted(item)
    return this.#leftMs(item) < 0 ? this.#endings.overdue(item) : undefined
  }

  watch(item: Item): void {
    const { deadlineMs, signal } = item
    if (deadlineMs === undefined && signal === undefined) return
    const leftMs = this.#leftMs(item)
    const timer =
      leftMs > timerMsMax
        ? undefined
        : this.#clock.setTimeout(() => this.#onEnd(item, this.#endings.overdue(item)), Math.max(0, leftMs))
    const stopListening =
      signal && this.#signals.listen(signal, () => this.#onEnd(item, this.#endings.aborted(item)))
    item.stopWatching = () => {
      if (timer !== undefined) this.#clock.clearTimeout(timer)
      stopListening?.()
    }
  }

  /** Its wait is over. */
  unwatch(item: Item): void {
    item.stopWatching?.()
    item.stopWatching = undefined
  }

  #leftMs({ deadlineMs, enteredAtMs }: Item): number {
    return deadlineMs === undefined ? Number.POSITIVE_INFINITY : enteredAtMs + deadlineMs - this.#clock.now()
  }
}

/** How a write ends that waits for its turn. */
export const waitingWrite: Endings<PendingWrite> = {
  overdue: ({ deadlineMs, label }) =>
    notStored(`The write waited ${deadlineMs} ms for its turn, and its deadline has passed`, {
      code: 'deadline-exceeded',
      label,
      retryable: true,
    }),
  aborted: ({ signal, label }) =>
    notStored('The write was taken back by its signal before it ran', {
      code: 'aborted',
      label,
      cause: signal?.reason,
    }),
}
