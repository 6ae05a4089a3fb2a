import { userWritesPerSecond } from '../limits.ts'
import type { Measurements } from '../trials/trial.ts'
import { DueArrivals } from './due-arrivals.ts'
import { Latencies } from './latencies.ts'
import { Waits } from './waits.ts'

/** A user's write: a setting, by its key. */
export type WriteSetting = (key: string, value: string) => Promise<unknown>

const seed = 29
const keys = 1_000
const value = 'x'.repeat(200)

/** Users who write settings 200 times a second, whatever else is going on, from the moment they are made. */
export class UsersBeside {
  readonly #latencies = new Latencies('ms')
  readonly #waits = new Waits(this.#latencies)
  readonly #arrivals: DueArrivals
  #written = 0

  constructor(write: WriteSetting) {
    this.#arrivals = new DueArrivals({
      perSecond: userWritesPerSecond,
      seed,
      arrive: (dueMs) => this.#waits.follow(dueMs, write(`user-${this.#written++ % keys}`, value)),
    })
  }

  /** What came before, and what it took, is forgotten. */
  reset(): void {
    this.#waits.shut()
    this.#latencies.reset()
  }

  /** What they have waited since the last reset, those counted as they stand who wait still. @param prefix of the metrics. */
  summary(prefix: string): Measurements {
    this.#waits.shut()
    this.#waits.assertNoneFailed()
    const { p50, p99 } = this.#latencies.summary()
    return {
      ...(p50 && { [`${prefix}_p50`]: p50 }),
      ...(p99 && { [`${prefix}_p99`]: p99 }),
      [`${prefix}_max`]: this.#latencies.max(),
    }
  }

  stop(): void {
    this.#arrivals.stop()
  }
}
