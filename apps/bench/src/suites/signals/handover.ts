import { handoverHabit } from '../../limits.ts'
import { Latencies } from '../../measure/latencies.ts'
import type { Trial } from '../../trials/trial.ts'
import { contend } from './contention.ts'
import { evennessOf } from './evenness.ts'
import { handoversIn } from './handovers.ts'
import type { Waiting } from './waiting.ts'

/** Two processes take turns with the lock: how long it lies free while one waits for it. */
export function handover(waiting: Waiting): Trial {
  return async (settings) => {
    const { contenders, window } = await contend(settings, waiting, 2, { ...handoverHabit, isLogged: true })
    const logs = contenders.map(({ holds }) => holds)
    const { latenciesMs, early, overtaken } = handoversIn(logs, window)
    if (latenciesMs.length === 0) throw new Error('Nobody waited at any release: there was no handover')
    const latencies = new Latencies('ms')
    for (const ms of latenciesMs) latencies.add(ms)
    const count = latenciesMs.length
    return {
      mean: latencies.mean(),
      ...latencies.summary(),
      max: latencies.max(),
      handovers: { value: count, unit: 'count' },
      early: { value: (early / count) * 100, unit: '%' },
      overtaken: { value: (overtaken / (overtaken + count)) * 100, unit: '%' },
      evenness: evennessOf(contenders.map(({ commits }) => commits)),
    }
  }
}
