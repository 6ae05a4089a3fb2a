import type { Pace } from '../limits.ts'
import type { Measurements } from '../trials/trial.ts'
import { Latencies } from './latencies.ts'
import { measureRate } from './measure-rate.ts'
import { ReadArrivals } from './read-arrivals.ts'
import { SteadyLoad } from './steady-load.ts'

export interface Mixed {
  /** A point read of somebody who waits for it. */
  readonly point: () => Promise<void>
  /** A scan in the background. */
  readonly scan: () => Promise<void>
  /** So many scans are under way at any time. */
  readonly scans: number
}

/** What people wait for their point reads while scans run, and how the scans get on meanwhile. */
export async function measureMixed(pace: Pace, { point, scan, scans }: Mixed): Promise<Measurements> {
  const scanTimes = new Latencies('ms')
  const scanning = new SteadyLoad(scans, async () => {
    const startedAt = performance.now()
    await scan()
    scanTimes.add(performance.now() - startedAt)
    return 1
  })
  const latencies = new Latencies('ms')
  const people = new ReadArrivals(point, latencies)
  const window = { warmUpMs: pace.readsWarmUpMs, windowMs: pace.mixedWindowMs }
  const measured = await measureRate(window, () => people.answered, latencies, 'reads/s')
  await people.stop()
  await scanning.stop()
  if (scans === 0) return measured
  return {
    ...measured,
    scans: { value: scanning.acknowledged, unit: 'count' },
    scan_mean: scanTimes.mean(),
  }
}
