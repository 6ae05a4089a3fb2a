// Promise 8: what somebody waits for is promoted: its lane is due next, until that write is taken.
import { type SimulatedClock, simulatedClock } from '@lockkeeper/testkit'
import { beforeEach, expect, it } from 'vitest'
import { pendingWrite } from '../../fixtures/pending-writes.ts'
import { batchItemsMax, laneDefaults } from '../limits.ts'
import type { LaneName } from './lane-name.ts'
import { Mailbox } from './mailbox.ts'
import { notStored, type PendingWrite, type PendingWriteFields } from './pending-write.ts'

let clock: SimulatedClock
let mailbox: Mailbox

beforeEach(() => {
  clock = simulatedClock(1_000)
  mailbox = new Mailbox({
    clock,
    lanes: { ...laneDefaults, sync: { ...laneDefaults.sync, capacity: 2, overflow: 'wait' } },
  })
})

function enter(lane: LaneName, fields: Partial<PendingWriteFields> = {}): PendingWrite {
  const write = pendingWrite({ lane, enteredAtMs: clock.now(), ...fields })
  mailbox.enter(write)
  return write
}

/** The lanes of the next batches, while users never cease. */
function served(batches: number): string[] {
  return Array.from({ length: batches }, () => {
    enter('user')
    const batch = mailbox.takeBatch()
    return `${batch?.lane}${batch?.aged ? ' out of turn' : ''}`
  })
}

it('the lane of a write that somebody waits for is served next, once', () => {
  const write = enter('background')
  enter('sync')
  expect(served(1)).toEqual(['user'])
  write.promote()
  expect(served(3)).toEqual(['background out of turn', 'user', 'user'])
})

it('is due until just that write is taken, in turn with the users', () => {
  const writes = Array.from({ length: batchItemsMax * 2 + 1 }, () => enter('background'))
  writes.at(-1)?.promote()
  expect(served(7)).toEqual([
    'background out of turn',
    'user',
    'background out of turn',
    'user',
    'background out of turn',
    'user',
    'user',
  ])
})

it('a write that is handed back is still waited for', () => {
  const write = enter('background')
  write.promote()
  const batch = mailbox.takeBatch()
  expect(batch?.writes).toEqual([write])
  mailbox.putBack([write])
  expect(served(2)).toEqual(['background out of turn', 'user'])
})

it('one that was under way when it was promoted is due if it is handed back', () => {
  const write = enter('background')
  mailbox.takeBatch()
  write.promote()
  expect(served(1)).toEqual(['user'])
  mailbox.putBack([write])
  expect(served(2)).toEqual(['background out of turn', 'user'])
})

it('one that waits for room makes its lane due, so that there will be room', () => {
  const [, , waiting] = [enter('sync'), enter('sync'), enter('sync')]
  expect(mailbox.lanes.sync.hall.depth).toBe(1)
  waiting?.promote()
  expect(served(4)).toEqual(['sync out of turn', 'user', 'sync out of turn', 'user'])
})

it('one that waits for another write promotes that one, and then has its turn itself', () => {
  const first = enter('background')
  const second = enter('sync', { after: first })
  second.promote()
  expect(served(2)).toEqual(['background out of turn', 'user'])
  first.commit(undefined)
  expect(served(2)).toEqual(['sync out of turn', 'user'])
})

it('is of no effect on one that has ended, and is forgotten with one that fails while it waits', () => {
  const failing = enter('background')
  enter('background')
  failing.promote()
  mailbox.fail(failing, notStored('gone', { code: 'aborted' }))
  failing.promote()
  expect(served(2)).toEqual(['user', 'user'])
})

it('a write that was never handed in is nobody’s to promote', () => {
  expect(() => pendingWrite().promote()).not.toThrow()
})
