import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { timerMsMax } from '../limits.ts'
import { notStored, type PendingWrite } from './pending-write.ts'

/**
 * Ends a write's wait at its deadline or abort, not only when its turn comes (promise 15). A write that has neither costs
 * nothing here.
 */
export class Patience {
  readonly #clock: Clock
  readonly #onEnd: (write: PendingWrite, error: LockkeeperError) => void

  constructor(clock: Clock, onEnd: (write: PendingWrite, error: LockkeeperError) => void) {
    this.#clock = clock
    this.#onEnd = onEnd
  }

  /** Why a write may wait no longer, if so. */
  exhausted(write: PendingWrite): LockkeeperError | undefined {
    if (write.signal?.aborted) return aborted(write)
    return this.#leftMs(write) < 0 ? overdue(write) : undefined
  }

  watch(write: PendingWrite): void {
    const { deadlineMs, signal } = write
    if (deadlineMs === undefined && signal === undefined) return
    const leftMs = this.#leftMs(write)
    const timer =
      leftMs > timerMsMax
        ? undefined
        : this.#clock.setTimeout(() => this.#onEnd(write, overdue(write)), Math.max(0, leftMs))
    const onAbort = (): void => this.#onEnd(write, aborted(write))
    signal?.addEventListener('abort', onAbort, { once: true })
    write.stopWatching = () => {
      if (timer !== undefined) this.#clock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Its wait is over. */
  unwatch(write: PendingWrite): void {
    write.stopWatching?.()
    write.stopWatching = undefined
  }

  #leftMs({ deadlineMs, enteredAtMs }: PendingWrite): number {
    return deadlineMs === undefined ? Number.POSITIVE_INFINITY : enteredAtMs + deadlineMs - this.#clock.now()
  }
}

function overdue({ deadlineMs, label }: PendingWrite): LockkeeperError {
  return notStored(`The write waited ${deadlineMs} ms for its turn, and its deadline has passed`, {
    code: 'deadline-exceeded',
    label,
    retryable: true,
  })
}

function aborted(write: PendingWrite): LockkeeperError {
  return notStored('The write was taken back by its signal before it ran', {
    code: 'aborted',
    label: write.label,
    cause: write.signal?.reason,
  })
}
