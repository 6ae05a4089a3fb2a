import { describe, expect, it } from 'vitest'
import { mediansOf } from '../../statistics/rows.ts'
import { row } from '../../testing/row.ts'
import { peers } from './suite.ts'

const medians = mediansOf([
  row('storm', 'lockkeeper', 'connect_p99', 'µs', 25),
  row('storm', 'lockkeeper', 'connects', 'count', 300_000),
  row('storm', 'lockkeeper', 'rows_written', 'count', 10_000),
  row('storm', 'lockkeeper', 'alone_p99', 'ms', 1),
  row('storm', 'lockkeeper', 'read_p99', 'ms', 1.25),
  row('storm', 'shared pool', 'alone_p99', 'ms', 2),
  row('storm', 'shared pool', 'read_p99', 'ms', 400),
  row('storm_sync', 'lockkeeper', 'read_p99', 'ms', 10),
  row('storm_sync', 'shared pool', 'read_p99', 'ms', 150),
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
