import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { loopTickMs } from '../limits.ts'
import type { Measurements } from '../trials/trial.ts'

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>

/**
 * How late the event loop of this thread is: what anything else in the app would have waited. A timer in Node's own C++
 * ticks every millisecond and records the time since its last tick; what goes beyond the millisecond is delay, true to
 * about one millisecond. It is read only after a tick that follows the work, since a block still going on has no tick yet.
 */
export class LoopDelay {
  readonly #histogram: IntervalHistogram

  private constructor(histogram: IntervalHistogram) {
    this.#histogram = histogram
  }

  /** Starts, and answers once ticks are being recorded: the first block counts in full. */
  static async start(): Promise<LoopDelay> {
    const histogram = monitorEventLoopDelay({ resolution: loopTickMs })
    histogram.enable()
    // No reset() after this: it would forget the last tick, and with it the delay of the next one.
    await untilNextTick(histogram)
    return new LoopDelay(histogram)
  }

  async stop(): Promise<Measurements> {
    const histogram = this.#histogram
    await untilNextTick(histogram)
    histogram.disable()
    const delayMs = (ns: number): number => Math.max(0, ns / 1e6 - loopTickMs)
    return {
      loop_delay_p99: { value: delayMs(histogram.percentile(99)), unit: 'ms' },
      loop_delay_max: { value: delayMs(histogram.max), unit: 'ms' },
    }
  }
}

async function untilNextTick(histogram: IntervalHistogram): Promise<void> {
  const before = histogram.count
  while (histogram.count === before) await pause(loopTickMs)
}
