// Promises 4, 5, 6, 12 and 15: the writer's lanes together. Bounded, in order, and a wait that ends when it should.
import { getEventListeners } from 'node:events'
import { type SimulatedClock, simulatedClock } from '@lockkeeper/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { errorOf, pendingWrite } from '../../fixtures/pending-writes.ts'
import { batchBytesMax, batchItemsMax, laneDefaults, timerMsMax } from '../limits.ts'
import type { LaneName } from './lane-name.ts'
import { Mailbox } from './mailbox.ts'
import { notStored, type PendingWrite, type PendingWriteFields } from './pending-write.ts'

let clock: SimulatedClock
let mailbox: Mailbox

beforeEach(() => {
  clock = simulatedClock(1_000)
  mailbox = new Mailbox({
    clock,
    lanes: { ...laneDefaults, background: { ...laneDefaults.background, capacity: 3 } },
  })
})

function enter(lane: LaneName, fields: Partial<PendingWriteFields> = {}): PendingWrite {
  const write = pendingWrite({ lane, enteredAtMs: clock.now(), ...fields })
  mailbox.enter(write)
  return write
}

const closed = () => notStored('closed', { code: 'closed' })

describe('entering', () => {
  it('numbers writes in the order of their admission, across lanes', () => {
    const writes = [enter('sync'), enter('user'), enter('background')]
    expect(writes.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(mailbox.toJSON()).toEqual({ user: 1, sync: 1, background: 1 })
    expect(mailbox.depth).toBe(3)
  })

  it('refuses what a full lane has no room for, and says when to try again', async () => {
    for (let count = 0; count < 3; count++) enter('background')
    const refused = enter('background', { label: 'peers.seen' })
    const error = await errorOf(refused)
    expect(error).toMatchObject({
      code: 'lane-full',
      stage: 'admission',
      outcome: 'not-stored',
      retryable: true,
      retryAfterMs: 10,
      label: 'peers.seen',
    })
    expect(error?.message).toContain('3 writes wait')
    expect(refused.seq).toBeUndefined()
    expect(mailbox.lanes.background.counts).toMatchObject({ admitted: 3, dropped: 1 })
    expect(enter('sync').settled).toBe(false)
  })

  it('refuses a write whose signal has been given already', async () => {
    const reason = new Error('gone')
    const write = enter('user', { signal: AbortSignal.abort(reason) })
    expect(await errorOf(write)).toMatchObject({ code: 'aborted', outcome: 'not-stored', cause: reason })
    expect(mailbox.depth).toBe(0)
  })

  it('tells the watcher of each write that entered, and of none that was refused', () => {
    const entered: LaneName[] = []
    mailbox.watch((lane) => entered.push(lane))
    for (let count = 0; count < 4; count++) enter('background')
    enter('user')
    expect(entered).toEqual(['background', 'background', 'background', 'user'])
  })

  it('refuses everything once told to, with the reason given', async () => {
    mailbox.refuse((write) => notStored('over', { code: 'closed', label: write.label }))
    expect(await errorOf(enter('user', { label: 'a' }))).toMatchObject({ code: 'closed', label: 'a' })
    expect(mailbox.lanes.user.counts).toMatchObject({ admitted: 0, rejected: 1 })
  })
})

describe('writes that wait for each other', () => {
  it('all end when all are failed, however the end of one ends the next', () => {
    const first = enter('background')
    const second = enter('user', { after: first })
    const third = enter('sync', { after: second })
    const fourth = enter('user', { after: third })
    mailbox.refuse(closed)
    expect(mailbox.failAll(closed)).toEqual({ user: 2, sync: 1, background: 1 })
    expect([first, second, third, fourth].every(({ settled }) => settled)).toBe(true)
    expect(mailbox.isEmpty).toBe(true)
  })

  it('wait for a write of another mailbox too', () => {
    const other = new Mailbox({ clock, lanes: laneDefaults })
    const theirs = pendingWrite({ lane: 'user', enteredAtMs: clock.now() })
    other.enter(theirs)
    const ours = enter('user', { after: theirs })
    expect(mailbox.hasWork).toBe(false)
    theirs.commit(undefined)
    expect(mailbox.takeBatch()?.writes).toEqual([ours])
  })

  it('behind a bulk write whose rows are on their way keep their place', () => {
    const bulk = pendingWrite({ lane: 'sync', enteredAtMs: clock.now() })
    bulk.sending = true
    mailbox.enter(bulk)
    const behind = enter('sync')
    const other = enter('background')
    expect(mailbox.takeBatch()?.writes).toEqual([other])
    expect([mailbox.hasWork, mailbox.isEmpty]).toEqual([false, false])
    mailbox.complete(bulk)
    expect(mailbox.takeBatch()?.writes).toEqual([bulk, behind])
  })
})

describe('a batch', () => {
  it('takes one lane, its oldest first, with the slice of that lane', () => {
    const late = enter('sync')
    const [first, second] = [enter('user'), enter('user')]
    expect(mailbox.takeBatch()).toEqual({ lane: 'user', sliceMs: 5, aged: false, writes: [first, second] })
    expect(mailbox.takeBatch()).toEqual({ lane: 'sync', sliceMs: 5, aged: false, writes: [late] })
    expect(mailbox.takeBatch()).toBeUndefined()
  })

  it('serves a lane past its bound out of turn, then the users again', () => {
    enter('background')
    clock.advance(501)
    enter('user')
    expect(mailbox.takeBatch()).toMatchObject({ lane: 'background', aged: true })
    enter('background', { enteredAtMs: 0 })
    expect(mailbox.takeBatch()).toMatchObject({ lane: 'user', aged: false })
    enter('user')
    expect(mailbox.takeBatch()).toMatchObject({ lane: 'background', aged: true })
  })

  it('holds no more items than one message should', () => {
    const writes = Array.from({ length: batchItemsMax + 1 }, () => enter('user'))
    expect(mailbox.takeBatch()?.writes).toEqual(writes.slice(0, batchItemsMax))
    expect(mailbox.takeBatch()?.writes).toEqual(writes.slice(batchItemsMax))
  })

  it('holds no more bytes than one message should, but a single write of any size', () => {
    const sizes = [batchBytesMax * 3, 1, batchBytesMax - 1, 1]
    const [huge, ...rest] = sizes.map((bytes) => enter('user', { bytes }))
    expect(mailbox.takeBatch()?.writes).toEqual([huge])
    expect(mailbox.takeBatch()?.writes).toEqual(rest.slice(0, 2))
    expect(mailbox.takeBatch()?.writes).toEqual(rest.slice(2))
  })
})

describe('handing back', () => {
  it('puts writes before those that came later, in their order, past the bound', () => {
    const writes = [enter('background'), enter('background'), enter('background')]
    const taken = mailbox.takeBatch()?.writes ?? []
    const later = [enter('background'), enter('background'), enter('background')]
    mailbox.putBack(taken.slice(1))
    expect(mailbox.lanes.background.depth).toBe(5)
    expect(mailbox.takeBatch()?.writes).toEqual([...writes.slice(1), ...later])
  })

  it('looks at signals and deadlines again: they may have passed meanwhile', async () => {
    const aborting = new AbortController()
    const aborted = enter('user', { signal: aborting.signal })
    const overdue = enter('user', { deadlineMs: 10 })
    const inTime = enter('user', { deadlineMs: 30 })
    const taken = mailbox.takeBatch()?.writes ?? []
    aborting.abort()
    clock.advance(20)
    expect(taken.map(({ settled }) => settled)).toEqual([false, false, false])
    mailbox.putBack(taken)
    expect(await errorOf(aborted)).toMatchObject({ code: 'aborted' })
    expect(await errorOf(overdue)).toMatchObject({ code: 'deadline-exceeded' })
    expect(inTime.settled).toBe(false)
    clock.advance(10)
    expect(await errorOf(inTime)).toMatchObject({ code: 'deadline-exceeded' })
  })
})

describe('waiting', () => {
  it('ends at the deadline, counted from the call, with no turn taken', async () => {
    const write = enter('user', { deadlineMs: 100, enteredAtMs: clock.now() - 40, label: 'blobs.put' })
    clock.advance(59)
    expect(write.settled).toBe(false)
    clock.advance(1)
    const error = await errorOf(write)
    expect(error).toMatchObject({
      code: 'deadline-exceeded',
      stage: 'admission',
      outcome: 'not-stored',
      retryable: true,
      label: 'blobs.put',
    })
    expect(error?.message).toContain('100 ms')
    expect(mailbox.takeBatch()).toBeUndefined()
    expect(mailbox.lanes.user.counts.failed).toBe(1)
  })

  it('ends at the abort, wherever in the queue, and leaves the others where they are', async () => {
    const aborting = new AbortController()
    const first = enter('user')
    const taken = enter('user', { signal: aborting.signal })
    const last = enter('user')
    aborting.abort('enough')
    expect(await errorOf(taken)).toMatchObject({ code: 'aborted', outcome: 'not-stored', cause: 'enough' })
    expect(mailbox.takeBatch()?.writes).toEqual([first, last])
  })

  it('leaves neither timer nor listener behind once it is over', () => {
    const aborting = new AbortController()
    const write = enter('user', { deadlineMs: 100, signal: aborting.signal })
    expect([clock.timers, getEventListeners(aborting.signal, 'abort').length]).toEqual([1, 1])
    mailbox.takeBatch()
    expect([clock.timers, getEventListeners(aborting.signal, 'abort').length]).toEqual([0, 0])
    aborting.abort()
    clock.advance(200)
    expect(write.settled).toBe(false)
  })

  it('has no end for a deadline beyond the longest timer, Infinity among them', () => {
    const write = enter('user', { deadlineMs: Number.POSITIVE_INFINITY })
    enter('user', { deadlineMs: timerMsMax + 1 })
    expect(clock.timers).toBe(0)
    clock.advance(timerMsMax)
    expect(write.settled).toBe(false)
  })
})

describe('failing what waits', () => {
  it('fails everything and says how many, by lane', async () => {
    const writes = [enter('user'), enter('sync'), enter('sync'), enter('background', { deadlineMs: 10 })]
    expect(mailbox.failAll(closed)).toEqual({ user: 1, sync: 2, background: 1 })
    for (const write of writes) expect(await errorOf(write)).toMatchObject({ code: 'closed' })
    expect(mailbox.depth).toBe(0)
    expect(mailbox.lanes.sync.counts.failed).toBe(2)
    clock.advance(20)
  })

  it('fails those that match, and keeps the rest in order', () => {
    const writes = Array.from({ length: 6 }, (_, bytes) => enter('sync', { bytes }))
    mailbox.failWhere('sync', (write) => write.bytes % 2 === 0, closed)
    expect(mailbox.takeBatch()?.writes).toEqual([writes[1], writes[3], writes[5]])
  })
})
