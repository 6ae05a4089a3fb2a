import { describe, expect, it } from 'vitest'
import { mediansOf, type Row } from '../../statistics/rows.ts'
import { peers } from './suite.ts'

const row = (
  subject: string,
  metric: string,
  unit: Row['unit'],
  median: number,
  inCase: string = 'storm',
): Row => ({
  case: inCase,
  subject,
  metric,
  unit,
  median,
  min: median,
  max: median,
})

const medians = mediansOf([
  row('lockkeeper', 'connect_p99', 'µs', 25),
  row('lockkeeper', 'connects', 'count', 300_000),
  row('lockkeeper', 'rows_written', 'count', 10_000),
  row('lockkeeper', 'alone_p99', 'ms', 1),
  row('lockkeeper', 'read_p99', 'ms', 1.25),
  row('shared pool', 'alone_p99', 'ms', 2),
  row('shared pool', 'read_p99', 'ms', 400),
  row('lockkeeper', 'read_p99', 'ms', 10, 'storm_sync'),
  row('shared pool', 'read_p99', 'ms', 150, 'storm_sync'),
])

describe('the ratios of the peers suite', () => {
  it('say what a storm costs, so that more is always better', () => {
    const ratios = Object.fromEntries(peers.ratios.map(({ name, of }) => [name, of(medians)]))
    expect(ratios).toEqual({
      connect_caller: 2,
      connect_commits: 30,
      connect_reads: 0.8,
      connect_rival: 320,
      connect_rival_sync: 15,
    })
  })
})
