import { demoLimits } from './limits.ts'

export interface LatencySummary {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** How long reads took, in milliseconds. */
export class Latencies {
  readonly #ms: number[] = []

  add(ms: number): void {
    if (this.#ms.length < demoLimits.latenciesMax) this.#ms.push(ms)
  }

  /** Percentiles by the nearest rank: each is a read that was really met. */
  summary(): LatencySummary {
    const sorted = this.#ms.toSorted((a, b) => a - b)
    const rank = (part: number): number =>
      round(sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0)
    return { count: sorted.length, p50Ms: rank(0.5), p99Ms: rank(0.99), maxMs: rank(1) }
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
