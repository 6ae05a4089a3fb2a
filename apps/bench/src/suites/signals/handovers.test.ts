import { describe, expect, it } from 'vitest'
import { type Hold, handoversIn } from './handovers.ts'

const always = { opensAtMs: Number.NEGATIVE_INFINITY, shutsAtMs: Number.POSITIVE_INFINITY }

const hold = (
  holder: number,
  beganAtMs: number,
  acquiredAtMs: number,
  committingAtMs: number,
  releasedAtMs: number,
): Hold => ({ holder, beganAtMs, acquiredAtMs, committingAtMs, releasedAtMs })

describe('handovers', () => {
  it('go from a release to the process that was waiting then', () => {
    //        0    5  6     9
    // one    |hold|
    // other    |wait |hold|
    const one = [hold(1, 0, 0, 4, 5)]
    const other = [hold(2, 2, 6, 8, 9)]
    expect(handoversIn([one, other], always)).toEqual({ latenciesMs: [1], early: 0, overtaken: 0 })
  })

  it('do not happen where nobody waits: a lock that lay free was handed to nobody', () => {
    const one = [hold(1, 0, 0, 4, 5), hold(1, 20, 20, 24, 25)]
    const other = [hold(2, 10, 10, 14, 15)]
    expect(handoversIn([one, other], always)).toEqual({ latenciesMs: [], early: 0, overtaken: 0 })
  })

  it('do not happen to who asks while COMMIT runs: the lock may have been free when it came', () => {
    const one = [hold(1, 0, 0, 4, 5)]
    const other = [hold(2, 4.5, 5.5, 8, 9)]
    expect(handoversIn([one, other], always).latenciesMs).toEqual([])
  })

  it('take no time where the waiting process has the lock before COMMIT has returned', () => {
    //        0     5   8
    // one    |hold| commit |        COMMIT called at 5, returned at 8
    // other     |wait |hold         BEGIN returned at 6
    const one = [hold(1, 0, 0, 5, 8)]
    const other = [hold(2, 3, 6, 10, 11)]
    expect(handoversIn([one, other], always)).toEqual({ latenciesMs: [0], early: 1, overtaken: 0 })
  })

  it('keep their pairs where holds overlap as their processes saw them', () => {
    // Each COMMIT returns only after the next BEGIN has: by the releases alone, the pairs would be others.
    const one = [hold(1, 0, 1, 5, 7), hold(1, 8, 11.5, 15, 16)]
    const other = [hold(2, 2, 6, 10, 12)]
    const third = [hold(3, 9, 18, 20, 21)]
    expect(handoversIn([one, other, third], always)).toEqual({
      latenciesMs: [0, 0, 2],
      early: 2,
      overtaken: 0,
    })
  })

  it('are missed where who released takes the lock again past who waits; the next release is theirs', () => {
    const one = [hold(1, 0, 0, 4, 5), hold(1, 7, 7, 9, 10)]
    const other = [hold(2, 2, 13, 15, 16)]
    expect(handoversIn([one, other], always)).toEqual({ latenciesMs: [3], early: 0, overtaken: 1 })
  })

  it('are missed where a newcomer takes the lock past who waits', () => {
    const one = [hold(1, 0, 0, 4, 5)]
    const other = [hold(2, 2, 13, 15, 16)]
    const newcomer = [hold(3, 6, 6, 8, 9)]
    expect(handoversIn([one, other, newcomer], always)).toEqual({
      latenciesMs: [4],
      early: 0,
      overtaken: 1,
    })
  })

  it('count inside the window only: released after it opens, taken before it shuts', () => {
    const one = [hold(1, 0, 0, 4, 5), hold(1, 8, 11, 14, 15)]
    const other = [hold(2, 2, 6, 9, 10), hold(2, 12, 17, 18, 19)]
    const all = handoversIn([one, other], always).latenciesMs
    expect(all).toEqual([1, 1, 2])
    expect(handoversIn([one, other], { opensAtMs: 7, shutsAtMs: 12 }).latenciesMs).toEqual([1])
    expect(handoversIn([one, other], { opensAtMs: 7, shutsAtMs: 16 }).latenciesMs).toEqual([1])
  })

  it('are none in empty logs', () => {
    expect(handoversIn([[], []], always)).toEqual({ latenciesMs: [], early: 0, overtaken: 0 })
  })
})
