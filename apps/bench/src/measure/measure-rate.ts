import { setTimeout as pause } from 'node:timers/promises'
import type { Measurements } from '../trials/trial.ts'
import type { Latencies } from './latencies.ts'
import { LoopDelay } from './loop-delay.ts'

export interface Window {
  readonly warmUpMs: number
  readonly windowMs: number
}

/**
 * Lets a load warm up, then counts over a window.
 * @param acknowledged what has been acknowledged so far.
 * @param latencies what the load records on the way: forgotten when the window opens, told when it shuts.
 */
export async function measureRate(
  { warmUpMs, windowMs }: Window,
  acknowledged: () => number,
  latencies?: Latencies,
  unit: 'writes/s' | 'reads/s' | 'rows/s' = 'writes/s',
): Promise<Measurements> {
  await pause(warmUpMs)
  const loopDelay = await LoopDelay.start()
  latencies?.reset()
  const countBefore = acknowledged()
  const startedAt = performance.now()
  await pause(windowMs)
  // The timer may be late, the more so under a subject that blocks its thread: what counts is when it came.
  const elapsedMs = performance.now() - startedAt
  const count = acknowledged() - countBefore
  const summary = latencies?.summary()
  const delays = await loopDelay.stop()
  return { throughput: { value: (count / elapsedMs) * 1_000, unit }, ...summary, ...delays }
}
