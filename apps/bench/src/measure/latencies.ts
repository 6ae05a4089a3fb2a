import { createHistogram } from 'node:perf_hooks'
import type { Measurement, Measurements } from '../trials/trial.ts'

const nsPer = { ms: 1e6, µs: 1e3 } as const

/** How long things took. Node's own HDR histogram: three digits true, constant memory. */
export class Latencies {
  readonly #unit: keyof typeof nsPer
  readonly #histogram = createHistogram()

  /** @param unit in which they are told: micros for what takes tens of them. */
  constructor(unit: keyof typeof nsPer) {
    this.#unit = unit
  }

  add(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * nsPer.ms)))
  }

  /** Forgets what a warm-up took. */
  reset(): void {
    this.#histogram.reset()
  }

  summary(): Measurements {
    return {
      p50: this.#told(this.#histogram.percentile(50)),
      p99: this.#told(this.#histogram.percentile(99)),
    }
  }

  mean(): Measurement {
    return this.#told(this.#histogram.mean)
  }

  max(): Measurement {
    return this.#told(this.#histogram.max)
  }

  #told(ns: number): Measurement {
    return { value: ns / nsPer[this.#unit], unit: this.#unit }
  }
}
