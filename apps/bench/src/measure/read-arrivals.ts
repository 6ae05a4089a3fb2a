import { readArrivalsPerSecond } from '../limits.ts'
import { fractions } from '../subjects/xorshift.ts'
import type { Latencies } from './latencies.ts'

/**
 * People who read when they come, whether or not the reads before theirs were answered: a slow answer must not thin out the
 * load that meets it. A wait counts from the call: timers know whole milliseconds, which would hide a point read, and an
 * app thread that is late shows as the delay of its event loop.
 */
export class ReadArrivals {
  answered = 0
  readonly #read: () => Promise<void>
  readonly #latencies: Latencies
  readonly #random = fractions(9)
  readonly #reads = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined
  #nextAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(read: () => Promise<void>, latencies: Latencies) {
    this.#read = read
    this.#latencies = latencies
    this.#schedule()
  }

  /** Nobody else comes; all who did have their answer. @throws what the first read that failed was told. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all(this.#reads)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#arrive(), Math.max(0, this.#nextAt - performance.now()))
  }

  #arrive(): void {
    const now = performance.now()
    // Gaps of a Poisson process: people know nothing of each other.
    for (; this.#nextAt <= now; this.#nextAt += this.#gapMs()) {
      const read = this.#timed().finally(() => this.#reads.delete(read))
      this.#reads.add(read)
    }
    this.#schedule()
  }

  #gapMs(): number {
    return (-Math.log(1 - this.#random()) * 1_000) / readArrivalsPerSecond
  }

  async #timed(): Promise<void> {
    const startedAt = performance.now()
    try {
      await this.#read()
      this.#latencies.add(performance.now() - startedAt)
      this.answered++
    } catch (error) {
      this.#failure ??= { error }
    }
  }
}
