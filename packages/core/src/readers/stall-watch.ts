import type { Clock } from '../clock.ts'
import { stallMs } from '../limits.ts'

export interface StallWatchParts {
  readonly clock: Clock
  /** Whether somebody waits whom only a lent reader could serve. */
  readonly waitsForLent: () => boolean
  /** Whether no lent reader has stirred since then. */
  readonly allStandStillSince: (ms: number) => boolean
  readonly onStalled: () => void
}

/**
 * Readers are lent to code of the app’s, which may be waiting for another one: a read inside a stream’s loop, a stream inside a
 * stream. Where those who wait can only be served by one that is lent, and none of these has stirred for some time, nobody would
 * go on before the longest age of one of them.
 */
export class StallWatch {
  readonly #parts: StallWatchParts
  #watches = false

  constructor(parts: StallWatchParts) {
    this.#parts = parts
  }

  /** Costs a timer only while somebody waits for what is lent. */
  look(): void {
    const { clock, waitsForLent, allStandStillSince, onStalled } = this.#parts
    if (this.#watches || !waitsForLent()) return
    this.#watches = true
    clock.setTimeout(() => {
      this.#watches = false
      if (waitsForLent() && allStandStillSince(clock.now() - stallMs)) onStalled()
      this.look()
    }, stallMs)
  }
}
