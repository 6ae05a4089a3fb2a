import { freedMsMax } from '../../limits.ts'
import type { Ratio } from '../suite.ts'
import { names } from './cases.ts'

const { signals, own, lockkeeper, loaded, without } = names

export const ratios: readonly Ratio[] = [
  {
    name: 'handover',
    goal: 10,
    meaning: 'mean time from a release to the waiting process’s BEGIN, busy_timeout ÷ signals',
    of: (median) => median('handover', own, 'mean') / median('handover', signals, 'mean'),
  },
  {
    name: 'handover_p99',
    goal: 10,
    meaning: 'the same at p99',
    of: (median) => median('handover', own, 'p99') / median('handover', signals, 'p99'),
  },
  {
    name: 'cpu',
    goal: 1,
    meaning: 'CPU time of waiting 1 s, busy_timeout ÷ signals',
    of: (median) => median('cpu', own, 'cpu') / median('cpu', signals, 'cpu'),
  },
  {
    name: 'fair',
    goal: 0.7,
    meaning: 'fewest ÷ most commits of four contending processes',
    of: (median) => median('fair', signals, 'evenness') / 100,
  },
  {
    name: 'interrupt',
    goal: 1,
    meaning: `${freedMsMax} ms ÷ p99 from a read’s abort to the next answer of the same reader`,
    of: (median) => freedMsMax / median('interrupt', lockkeeper, 'p99'),
  },
  {
    name: 'idle_cost',
    goal: 0.97,
    meaning: '256 callers each awaiting one-row writes, NORMAL, with the extension ÷ without',
    of: (median) => median('idle_cost', loaded, 'throughput') / median('idle_cost', without, 'throughput'),
  },
]
