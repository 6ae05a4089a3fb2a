import { describe, expect, it } from 'vitest'
import { mediansOf } from '../../statistics/rows.ts'
import { row } from '../../testing/row.ts'
import { index } from './suite.ts'

const medians = mediansOf([
  row('store', 'lockkeeper', 'throughput', 'blobs/s', 900),
  row('store', 'lockkeeper', 'known', 'blobs/s', 45_000),
  row('store', 'better-sqlite3', 'throughput', 'blobs/s', 1_000),
  row('store', 'better-sqlite3', 'known', 'blobs/s', 9_000),
  row('users', 'lockkeeper', 'throughput', 'blobs/s', 700),
  row('users', 'lockkeeper', 'user_p99', 'ms', 20),
  row('users', 'lockkeeper', 'reindex_user_p99', 'ms', 10),
  row('users', 'split pool', 'user_p99', 'ms', 400),
])

describe('the ratios of the index suite', () => {
  it('say how fast blobs are indexed and what users wait meanwhile, so that more is always better', () => {
    const ratios = Object.fromEntries(index.ratios.map(({ name, of }) => [name, of(medians)]))
    expect(ratios).toEqual({
      index_throughput: 0.9,
      index_known: 50,
      index_user_p99: 1.25,
      reindex_user_p99: 2.5,
    })
  })
})
