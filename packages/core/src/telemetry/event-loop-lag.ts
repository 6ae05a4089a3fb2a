import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Durations } from './ledger-report.ts'
import { eventLoopLookMs } from './limits.ts'

/** How late the app's event loop is. Its timer does not keep the process alive. */
export class EventLoopLag {
  readonly #delays: ELDHistogram = monitorEventLoopDelay({ resolution: eventLoopLookMs })

  constructor() {
    this.#delays.enable()
  }

  report(): Durations {
    const { count, mean, max } = this.#delays
    if (count === 0) return { count: 0, totalMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 }
    return {
      count,
      totalMs: late(mean) * count,
      p50Ms: late(this.#delays.percentile(50)),
      p90Ms: late(this.#delays.percentile(90)),
      p99Ms: late(this.#delays.percentile(99)),
      maxMs: late(max),
    }
  }

  stop(): void {
    this.#delays.disable()
  }
}

/** The monitor counts from one look to the next, in nanoseconds. */
const late = (ns: number): number => Math.max(0, ns / 1e6 - eventLoopLookMs)
