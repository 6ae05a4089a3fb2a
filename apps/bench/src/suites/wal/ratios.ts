import { logPeakMebibytesMax } from '../../limits.ts'
import type { Ratio } from '../suite.ts'
import { names } from './cases.ts'

const { governor, pinned, automatic, off } = names

export const ratios: readonly Ratio[] = [
  {
    name: 'wal_peak',
    goal: 1,
    meaning: `${logPeakMebibytesMax} MiB ÷ peak of the log under a bulk load with overlapping readers`,
    of: (median) => logPeakMebibytesMax / median('overlap', governor, 'log_peak'),
  },
  {
    name: 'user_p99_checkpoint',
    goal: 0.5,
    meaning: 'user-write p99 beside a bulk load, checkpoints off ÷ with the governor',
    of: (median) => median('users', off, 'p99') / median('users', governor, 'p99'),
  },
  {
    name: 'pinned_user_p99',
    goal: 0.5,
    meaning: 'user-write p99 beside a bulk load, nobody pinning the log ÷ with a reader that pins it',
    of: (median) => median('users', governor, 'p99') / median('users', pinned, 'p99'),
  },
  {
    name: 'bulk_kept',
    goal: 0.9,
    meaning: 'bulk throughput under the governor ÷ with SQLite’s automatic checkpoints',
    of: (median) => median('bulk', governor, 'throughput') / median('bulk', automatic, 'throughput'),
  },
]
