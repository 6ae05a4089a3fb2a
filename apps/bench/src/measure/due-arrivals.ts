import { fractions } from '../subjects/xorshift.ts'

export interface DueArrivalsOptions {
  readonly perSecond: number
  readonly seed: number
  /** @param dueMs when it was meant to happen, by `performance.now()`. */
  readonly arrive: (dueMs: number) => void
}

/**
 * People who come when they come, whether or not those before them have their answer: a slow answer must not thin out the load
 * that meets it. Each is told when it was due, so that an app thread too busy to let it in is not forgiven.
 */
export class DueArrivals {
  readonly #arrive: (dueMs: number) => void
  readonly #meanGapMs: number
  readonly #random: () => number
  #nextAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor({ perSecond, seed, arrive }: DueArrivalsOptions) {
    this.#arrive = arrive
    this.#meanGapMs = 1_000 / perSecond
    this.#random = fractions(seed)
    this.#schedule()
  }

  /** Nobody else comes. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    // Timers know whole milliseconds only: who comes early starts to wait early.
    const waitMs = Math.max(0, Math.floor(this.#nextAt - performance.now()))
    this.#timer = setTimeout(() => {
      const now = performance.now()
      do {
        this.#arrive(Math.min(this.#nextAt, now))
        this.#nextAt += this.#gapMs()
      } while (this.#nextAt <= now)
      this.#schedule()
    }, waitMs)
  }

  /** Gaps of a Poisson process: people know nothing of each other. */
  #gapMs(): number {
    return -Math.log(1 - this.#random()) * this.#meanGapMs
  }
}
