import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Pace } from '../limits.ts'
import type { Measurements } from '../trials/trial.ts'
import { Latencies } from './latencies.ts'
import { measureRate, type Window } from './measure-rate.ts'
import { SteadyLoad } from './steady-load.ts'

/** When reads are counted. */
export function readsWindow({ readsWarmUpMs, windowMs }: Pace): Window {
  return { warmUpMs: readsWarmUpMs, windowMs }
}

/**
 * So many callers, each awaiting reads one after the other. One of them is timed for all.
 * @param read answers how many reads, or rows, that was.
 */
export async function measureCallers(
  pace: Pace,
  callers: number,
  unit: 'reads/s' | 'rows/s',
  read: () => Promise<number>,
): Promise<Measurements> {
  const latencies = new Latencies(callers === 1 ? 'µs' : 'ms')
  const timed = async (): Promise<number> => {
    const startedAt = performance.now()
    const count = await read()
    latencies.add(performance.now() - startedAt)
    return count
  }
  const load = new SteadyLoad(callers, (caller) => (caller === 0 ? timed() : read()))
  const measured = await measureRate(readsWindow(pace), () => load.acknowledged, latencies, unit)
  await load.stop()
  return measured
}

/** The same for reads that hold the thread: each caller has one in every turn of the event loop. */
export async function measureTurns(
  pace: Pace,
  readsPerTurn: number,
  unit: 'reads/s' | 'rows/s',
  read: () => number,
): Promise<Measurements> {
  const load = new SteadyLoad(1, async () => {
    let count = 0
    for (let done = 0; done < readsPerTurn; done++) count += read()
    await nextTurn()
    return count
  })
  const measured = await measureRate(readsWindow(pace), () => load.acknowledged, undefined, unit)
  await load.stop()
  return measured
}
