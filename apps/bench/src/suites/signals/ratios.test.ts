import { describe, expect, it } from 'vitest'
import type { Machine } from '../../machine/machine.ts'
import { outcomeOf } from '../../report/outcome.ts'
import { row } from '../../testing/row.ts'
import { signals } from './suite.ts'

const machine: Machine = { node: '24.0.0', sqlite: '3.54.0', cpus: 2, fileSystem: 'ext4', fsyncMs: 0.2 }

describe('the ratios of the signals suite', () => {
  it('say how much better we are, so that more is always better', () => {
    const { ratios } = outcomeOf(signals, machine, [
      row('handover', 'signals', 'mean', 'ms', 0.1),
      row('handover', 'busy_timeout', 'mean', 'ms', 2),
      row('handover', 'signals', 'p99', 'ms', 0.5),
      row('handover', 'busy_timeout', 'p99', 'ms', 6),
      row('cpu', 'signals', 'cpu', 'ms', 2),
      row('cpu', 'busy_timeout', 'cpu', 'ms', 1),
      row('cpu_stranger', 'signals', 'cpu', 'ms', 9),
      row('fair', 'signals', 'evenness', '%', 80),
      row('fair', 'busy_timeout', 'evenness', '%', 10),
      row('interrupt', 'lockkeeper', 'p99', 'ms', 2),
      row('idle_cost', 'with signals', 'throughput', 'writes/s', 98),
      row('idle_cost', 'without signals', 'throughput', 'writes/s', 100),
    ])
    expect(ratios).toEqual({
      handover: 20,
      handover_p99: 12,
      cpu: 0.5,
      fair: 0.8,
      interrupt: 2.5,
      idle_cost: 0.98,
    })
  })
})
