import { describe, expect, it } from 'vitest'
import { mediansOf } from '../../statistics/rows.ts'
import { row } from '../../testing/row.ts'
import { wal } from './suite.ts'

const medians = mediansOf([
  row('overlap', 'governor', 'log_peak', 'MiB', 16),
  row('overlap', 'automatic', 'log_peak', 'MiB', 256),
  row('users', 'off', 'p99', 'ms', 6),
  row('users', 'governor', 'p99', 'ms', 8),
  row('users', 'governor, pinned', 'p99', 'ms', 16),
  row('users', 'automatic', 'p99', 'ms', 60),
  row('bulk', 'governor', 'throughput', 'rows/s', 95),
  row('bulk', 'automatic', 'throughput', 'rows/s', 100),
  row('bulk', 'better-sqlite3', 'throughput', 'rows/s', 200),
])

describe('the ratios of the wal suite', () => {
  it('say how much smaller the log is and what that costs, so that more is always better', () => {
    const ratios = Object.fromEntries(wal.ratios.map(({ name, of }) => [name, of(medians)]))
    expect(ratios).toEqual({
      wal_peak: 4,
      user_p99_checkpoint: 0.75,
      pinned_user_p99: 0.5,
      bulk_kept: 0.95,
    })
  })
})
