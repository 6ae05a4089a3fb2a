import { fairContenders, fairHabit } from '../../limits.ts'
import type { Trial } from '../../trials/trial.ts'
import { contend } from './contention.ts'
import { evennessOf } from './evenness.ts'
import type { Waiting } from './waiting.ts'

/** Processes that want the lock all the time: what each of them gets of it. */
export function fair(waiting: Waiting): Trial {
  return async (settings) => {
    const habit = { ...fairHabit, isLogged: false }
    const { contenders, window } = await contend(settings, waiting, fairContenders, habit)
    const commits = contenders.map((contender) => contender.commits)
    const all = commits.reduce((sum, count) => sum + count, 0)
    const elapsedMs = window.shutsAtMs - window.opensAtMs
    return {
      evenness: evennessOf(commits),
      fewest: { value: Math.min(...commits), unit: 'count' },
      most: { value: Math.max(...commits), unit: 'count' },
      throughput: { value: (all / elapsedMs) * 1_000, unit: 'transactions/s' },
      gave_up: { value: contenders.reduce((sum, { gaveUp }) => sum + gaveUp, 0), unit: 'count' },
    }
  }
}
