import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { timerMsMax } from '../limits.ts'

/** Why some work of several phases must end early, whichever comes first, and who is to be told then. */
export class Ending {
  #reason: unknown
  #onEnd: (() => void) | undefined
  #late: { readonly reject: (reason: unknown) => void; readonly ms: number } | undefined
  #patience: NodeJS.Timeout | undefined
  readonly #timer: NodeJS.Timeout | undefined
  readonly #stopListening: () => void

  constructor(
    terms: { readonly deadlineMs?: number | undefined; readonly signal?: AbortSignal | undefined },
    errors: { readonly overdue: () => LockkeeperError; readonly aborted: () => LockkeeperError },
  ) {
    const { deadlineMs, signal } = terms
    if (deadlineMs !== undefined && deadlineMs <= timerMsMax)
      this.#timer = setTimeout(() => this.end(errors.overdue()), deadlineMs)
    const onAbort = (): void => this.end(errors.aborted())
    signal?.addEventListener('abort', onAbort)
    this.#stopListening = () => signal?.removeEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  }

  get hasCome(): boolean {
    return this.#reason !== undefined
  }

  /** The first reason counts. */
  end(reason: unknown): void {
    if (this.hasCome) return
    this.#reason = reason
    this.#onEnd?.()
    const late = this.#late
    if (late !== undefined) this.#patience = setTimeout(() => late.reject(reason), late.ms)
  }

  /** Rejects with the reason, so long after it came, where the work has not stopped by then. */
  late(ms: number): Promise<never> {
    return new Promise((_, reject) => {
      this.#late = { reject, ms }
    })
  }

  /**
   * Waits for one phase, which is told to end where the reason comes first.
   * @throws the reason, once the phase has ended.
   */
  async during<Result>(work: Promise<Result>, cancel: () => void): Promise<Result> {
    this.#onEnd = cancel
    if (this.hasCome) cancel()
    try {
      const result = await work
      if (this.hasCome) throw this.#reason
      return result
    } catch (thrown) {
      throw this.#reason ?? thrown
    } finally {
      this.#onEnd = undefined
    }
  }

  /** All is over: nothing is waited for any more. */
  stop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#patience)
    this.#stopListening()
  }
}
