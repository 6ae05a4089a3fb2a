import { createHistogram } from 'node:perf_hooks'
import type { Measurements } from '../trials/trial.ts'

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
    const unit = this.#unit
    const percentile = (percent: number) => this.#histogram.percentile(percent) / nsPer[unit]
    return { p50: { value: percentile(50), unit }, p99: { value: percentile(99), unit } }
  }
}
