import { loopDelayMsMax } from '../../limits.ts'
import type { Aim, Ratio } from '../suite.ts'
import { names } from './cases.ts'

const { lockkeeper, inThread, raw, roundRobin, roundTrip, alone, withScans } = names

export const ratios: readonly Ratio[] = [
  throughput('point_64', 1, '64 callers, point reads through the pool ÷ raw in the app thread'),
  throughput('point_512', 1.2, '512 callers, point reads through the pool ÷ raw in the app thread'),
  {
    name: 'point_serial',
    goal: 0.75,
    meaning: '(bare round trip p50 + raw read p50) ÷ one awaited point read p50',
    of: (median) => {
      const p50 = (subject: string): number => median('point_serial', subject, 'p50')
      return (p50(roundTrip) + p50(raw)) / p50(lockkeeper)
    },
  },
  {
    ...throughput('point_inthread', 0.9, 'point reads by the in-thread reader ÷ raw'),
    of: (median) =>
      median('point_inthread', inThread, 'throughput') / median('point_inthread', raw, 'throughput'),
  },
  throughput('rows_1000', 0.8, 'queries of 1,000 rows, 16 callers ÷ raw'),
  throughput('stream_rows', 0.7, 'streaming the whole table ÷ raw iterate'),
  {
    name: 'mixed_slow',
    goal: 0.5,
    meaning: 'interactive p99 alone ÷ interactive p99 while scans run on every background reader',
    of: (median) => median('mixed_slow', alone, 'p99') / median('mixed_slow', withScans, 'p99'),
  },
  {
    name: 'rival_mixed_slow',
    goal: 20,
    meaning: 'the round-robin pool’s p99 in that mix ÷ ours',
    of: (median) => median('mixed_slow', roundRobin, 'p99') / median('mixed_slow', withScans, 'p99'),
  },
]

/** Whatever goes through the pool must leave the app’s thread to the app. */
export const aims: readonly Aim[] = [lockkeeper, alone, withScans].map((subject) => ({
  subject,
  metric: 'loop_delay_max',
  below: loopDelayMsMax,
}))

/** Lockkeeper’s throughput in a case beside the raw one’s. */
function throughput(name: string, goal: number, meaning: string): Ratio {
  return {
    name,
    goal,
    meaning,
    of: (median) => median(name, lockkeeper, 'throughput') / median(name, raw, 'throughput'),
  }
}
