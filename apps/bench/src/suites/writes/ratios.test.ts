import { describe, expect, it } from 'vitest'
import type { Machine } from '../../machine/machine.ts'
import { outcomeOf } from '../../report/outcome.ts'
import { formatOutcome } from '../../report/tables.ts'
import type { Row } from '../../statistics/rows.ts'
import { row } from '../../testing/row.ts'
import { writes } from './suite.ts'

const machine: Machine = { node: '24.0.0', sqlite: '3.54.0', cpus: 2, fileSystem: 'ext4', fsyncMs: 0.2 }

const rows: readonly Row[] = [
  row('writes_256_process', 'lockkeeper', 'throughput', 'writes/s', 700),
  row('writes_256_process', 'better-sqlite3', 'throughput', 'writes/s', 100),
  row('write_serial', 'lockkeeper', 'p50', 'µs', 100),
  row('write_serial', 'better-sqlite3', 'p50', 'µs', 15),
  row('write_serial', 'round trip', 'p50', 'µs', 45),
  row('background', 'with users', 'p99', 'ms', 4),
  row('background', 'with users', 'throughput', 'writes/s', 90),
  row('background', 'alone', 'throughput', 'writes/s', 100),
  row('mailbox_flat', '1,000 queued', 'cost', 'ns', 900),
  row('mailbox_flat', '1,000,000 queued', 'cost', 'ns', 1_000),
  row('memory', 'lockkeeper', 'queued_write', 'bytes', 500),
]

describe('the ratios of the writes suite', () => {
  const outcome = outcomeOf(writes, machine, rows)

  it('say how much better we are, so that more is always better', () => {
    expect(outcome.ratios).toEqual({
      writes_256_process: 7,
      write_serial: 0.6,
      user_under_background: 2.5,
      background_kept: 0.9,
      mailbox_flat: 0.9,
    })
  })

  it('stand beside their goals; one without figures is shown as such and is missing from the JSON', () => {
    const text = formatOutcome(writes, outcome)
    expect(text).toMatch(/writes_256_process +│ +7\.00 │ +≥ 3\.5 │ met/)
    expect(text).toMatch(/write_serial +│ +0\.60 │ +≥ 0\.75 │ missed/)
    expect(text).toMatch(/bulk_bytes +│ +– │ +≥ 0\.5 │ not measured/)
    expect(text).toMatch(/queued_write .*< 450 missed/)
    expect(JSON.parse(JSON.stringify(outcome))).not.toHaveProperty('ratios.bulk_bytes')
  })
})
