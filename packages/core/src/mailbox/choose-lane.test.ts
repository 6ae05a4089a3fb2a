// Promise 4 (users go first) and promise 5 (nobody starves): which lane the writer serves next.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseLane, type LaneState } from './choose-lane.ts'
import { type LaneName, laneNames } from './lane-name.ts'

const empty: LaneState = { depth: 0, oldestWaitMs: 0, waitMsMax: 100 }
const waiting = (oldestWaitMs: number): LaneState => ({ depth: 1, oldestWaitMs, waitMsMax: 100 })

describe('the choice of a lane', () => {
  const table: [string, Record<LaneName, LaneState>, boolean, ReturnType<typeof chooseLane>][] = [
    ['nothing', { user: empty, sync: empty, background: empty }, false, undefined],
    [
      'the users, however long they have waited, as their turn and not as aged',
      { user: waiting(1_000), sync: waiting(1), background: waiting(1) },
      false,
      { lane: 'user', aged: false },
    ],
    [
      'the lane below, if no user waits',
      { user: empty, sync: waiting(1), background: waiting(1) },
      false,
      { lane: 'sync', aged: false },
    ],
    [
      'a lane at its bound: not yet',
      { user: waiting(0), sync: waiting(100), background: empty },
      false,
      { lane: 'user', aged: false },
    ],
    [
      'a lane past its bound',
      { user: waiting(0), sync: waiting(101), background: empty },
      false,
      { lane: 'sync', aged: true },
    ],
    [
      'of two past their bounds, the one that has waited longer',
      { user: waiting(0), sync: waiting(150), background: waiting(151) },
      false,
      { lane: 'background', aged: true },
    ],
    [
      'the users after an aged slice, though a lane is still past its bound',
      { user: waiting(0), sync: waiting(150), background: waiting(151) },
      true,
      { lane: 'user', aged: false },
    ],
  ]
  it.each(table)('is %s', (_, lanes, lastWasAged, expected) => {
    expect(chooseLane(lanes, lastWasAged)).toEqual(expected)
  })

  const laneState = fc.record({
    depth: fc.nat(3),
    oldestWaitMs: fc.nat(300),
    waitMsMax: fc.constantFrom(0, 100, 250),
  })
  const lanesOf = fc.record({ user: laneState, sync: laneState, background: laneState })

  it('is never an empty lane, and never nothing while somebody waits', () => {
    fc.assert(
      fc.property(lanesOf, fc.boolean(), (lanes, lastWasAged) => {
        const choice = chooseLane(lanes, lastWasAged)
        const depths = laneNames.map((name) => lanes[name].depth)
        if (choice === undefined) expect(depths).toEqual([0, 0, 0])
        else expect(lanes[choice.lane].depth).toBeGreaterThan(0)
      }),
      seeded('choice of a lane', 1_000),
    )
  })

  it('is the most urgent lane that has work, or one past its bound, never two such in a row', () => {
    fc.assert(
      fc.property(fc.array(lanesOf, { maxLength: 20 }), (turns) => {
        let lastWasAged = false
        for (const lanes of turns) {
          const choice = chooseLane(lanes, lastWasAged)
          const urgent = laneNames.find((name) => lanes[name].depth > 0)
          if (choice?.aged) {
            expect(lastWasAged).toBe(false)
            expect(choice.lane).not.toBe(urgent)
            expect(lanes[choice.lane].oldestWaitMs).toBeGreaterThan(lanes[choice.lane].waitMsMax)
          } else expect(choice?.lane).toBe(urgent)
          lastWasAged = choice?.aged ?? false
        }
      }),
      seeded('turns of the lanes', 500),
    )
  })

  it('gives every lane past its bound a slice while users never cease', () => {
    const waits: Record<LaneName, number> = { user: 10, sync: 1_000, background: 1_500 }
    const served: LaneName[] = []
    let lastWasAged = false
    for (let turn = 0; turn < 8; turn++) {
      const lanes = {
        user: waiting(waits.user),
        sync: waiting(waits.sync),
        background: waiting(waits.background),
      }
      const choice = chooseLane(lanes, lastWasAged)
      if (choice === undefined) throw new Error('Somebody waits')
      served.push(choice.lane)
      lastWasAged = choice.aged
      for (const name of laneNames) waits[name] = name === choice.lane ? 0 : waits[name] + 60
    }
    expect(served.filter((name) => name === 'user').length).toBeGreaterThanOrEqual(4)
    expect(served).toContain('sync')
    expect(served).toContain('background')
  })
})
