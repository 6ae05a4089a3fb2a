import { connectCostMicrosMax, storm } from '../../limits-peer-store.ts'
import type { Aim, Ratio } from '../suite.ts'
import { besideSync, names } from './cases.ts'

const { lockkeeper, shared } = names

export const ratios: readonly Ratio[] = [
  {
    name: 'connect_caller',
    goal: 1,
    meaning: `${connectCostMicrosMax} µs ÷ p99 cost to a caller who reports a connect, at ${storm.connectsPerSecond} a second`,
    of: (median) => connectCostMicrosMax / median('storm', lockkeeper, 'connect_p99'),
  },
  {
    name: 'connect_commits',
    goal: 20,
    meaning: 'connects reported ÷ rows written for them',
    of: (median) => median('storm', lockkeeper, 'connects') / median('storm', lockkeeper, 'rows_written'),
  },
  {
    name: 'connect_reads',
    goal: 0.6,
    meaning: 'p99 of interactive reads alone ÷ in the storm',
    of: (median) => median('storm', lockkeeper, 'alone_p99') / median('storm', lockkeeper, 'read_p99'),
  },
  {
    name: 'connect_rival',
    goal: 20,
    meaning: 'p99 of interactive reads in the storm: shared pool ÷ ours',
    of: (median) => median('storm', shared, 'read_p99') / median('storm', lockkeeper, 'read_p99'),
  },
  {
    name: 'connect_rival_sync',
    goal: 20,
    meaning: 'p99 of interactive reads in the storm beside a sync: shared pool ÷ ours',
    of: (median) => median(besideSync, shared, 'read_p99') / median(besideSync, lockkeeper, 'read_p99'),
  },
]

export const aims: readonly Aim[] = [
  // Every changed address is stored within a second, beside a sync too: one that was not shows here.
  { subject: lockkeeper, metric: 'changes_late', below: 1 },
]
