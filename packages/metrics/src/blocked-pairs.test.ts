// Issue 8: bounded label values, and counters that never fall.
import { describe, expect, it } from 'vitest'
import { BlockedPairs } from './blocked-pairs.ts'

const pair = (waiter: string, waitedMs: number) => ({ waiter, holder: '(app)', waitedMs })

describe('blocked pairs', () => {
  it('beyond the bound are summed up, and those that were shown stay, whoever waits longest now', () => {
    const pairs = new BlockedPairs(2)
    expect(pairs.bound([pair('a', 5), pair('b', 4), pair('c', 3), pair('d', 2)])).toEqual([
      pair('a', 5),
      pair('b', 4),
      { waiter: 'other', holder: 'other', waitedMs: 5 },
    ])
    expect(pairs.bound([pair('c', 90), pair('d', 80), pair('a', 6), pair('b', 4)])).toEqual([
      pair('a', 6),
      pair('b', 4),
      { waiter: 'other', holder: 'other', waitedMs: 170 },
    ])
  })

  it('within it are shown as they are', () => {
    const blocked = [pair('a', 5), pair('b', 4)]
    expect(new BlockedPairs(2).bound(blocked)).toEqual(blocked)
  })
})
