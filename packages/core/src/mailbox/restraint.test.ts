// Promises 4, 5 and 11: lower lanes get less of the writer while the log is long. Users pass, and so does what somebody waits
// for; whatever is held back is let go again.
import { beforeEach, describe, expect, it } from 'vitest'
import { PlayedWriter } from '../../fixtures/played-writer.ts'

let writer: PlayedWriter

beforeEach(() => {
  writer = new PlayedWriter()
})

const restraint = () => writer.mailbox.restraint
/** Which lanes have their turn, in order, until there is none to be had. */
function turns(): string[] {
  const lanes: string[] = []
  for (let batch = writer.mailbox.takeBatch(); batch !== undefined; batch = writer.mailbox.takeBatch())
    lanes.push(batch.lane)
  return lanes
}

describe('a share of 1', () => {
  it('lets users pass and nobody else, until it is taken back', async () => {
    restraint().set(1)
    for (const lane of ['background', 'sync', 'user'] as const) writer.enter(lane)
    expect(turns()).toEqual(['user'])
    expect(writer.mailbox.hasWork).toBe(false)
    expect(writer.mailbox.isEmpty).toBe(false)
    writer.events.length = 0
    restraint().set(0)
    expect(turns()).toEqual(['sync', 'background'])
    await writer.turn()
    expect(writer.events).toEqual([{ type: 'work' }])
  })

  it('lets pass what somebody waits for, and wakes the writer for it (promise 8)', async () => {
    restraint().set(1)
    const write = writer.enter('background')
    await writer.turn()
    writer.events.length = 0
    write.promote()
    await writer.turn()
    expect(writer.events).toEqual([{ type: 'work' }])
    expect(turns()).toEqual(['background'])
    writer.enter('background')
    expect(turns()).toEqual([])
  })

  it('leaves deadlines and aborts as they are', async () => {
    restraint().set(1)
    const write = writer.enter('sync', { deadlineMs: 5 })
    writer.clock.advance(5)
    expect(await writer.outcomesOf([write])).toEqual(['deadline-exceeded not-stored'])
  })
})

describe('a share in between', () => {
  it('makes a lane rest after each turn, for as long as makes the share come out right', () => {
    restraint().set(0.75)
    writer.enter('sync')
    writer.enter('background')
    const batch = writer.dispatched()
    writer.clock.advance(10)
    writer.answer(batch)
    writer.enter('sync')
    expect(turns()).toEqual(['background'])
    writer.clock.advance(29)
    expect(turns()).toEqual([])
    writer.clock.advance(1)
    expect(turns()).toEqual(['sync'])
  })

  it('makes none rest for longer than it may be kept waiting (promise 5)', () => {
    restraint().set(0.95)
    writer.enter('sync')
    const batch = writer.dispatched()
    writer.clock.advance(1_000)
    writer.answer(batch)
    writer.enter('sync')
    writer.clock.advance(writer.mailbox.lanes.sync.limits.waitMsMax)
    expect(turns()).toEqual(['sync'])
  })

  it('does not count a turn in which another process had the lock', () => {
    restraint().set(0.75)
    writer.enter('sync')
    const batch = writer.dispatched()
    writer.clock.advance(10)
    const contended = { code: 'sqlite-busy', stage: 'begin', message: 'busy' } as never
    writer.answer(batch, { answered: 0, commits: 0, numbers: new Float64Array(0), contended })
    expect(turns()).toEqual(['sync'])
  })

  it('that grows or shrinks leaves those at rest that rest; none lets them go', () => {
    restraint().set(0.5)
    writer.enter('sync')
    const batch = writer.dispatched()
    writer.clock.advance(10)
    writer.answer(batch)
    writer.enter('sync')
    restraint().set(0.9)
    expect(turns()).toEqual([])
    restraint().set(0)
    expect(turns()).toEqual(['sync'])
    expect(writer.clock.timers).toBe(0)
  })

  it('never holds users', () => {
    restraint().set(0.95)
    writer.enter('user')
    const batch = writer.dispatched()
    writer.clock.advance(10)
    writer.answer(batch)
    writer.enter('user')
    expect(turns()).toEqual(['user'])
  })
})

describe('held for a moment', () => {
  it('lower lanes pause, whatever their share is set to meanwhile', () => {
    restraint().hold()
    writer.enter('sync')
    restraint().set(0.5)
    restraint().set(0)
    expect(turns()).toEqual([])
    restraint().letGo()
    expect(turns()).toEqual(['sync'])
  })

  it('they stay paused afterwards if their share says so', () => {
    restraint().hold()
    restraint().set(1)
    writer.enter('sync')
    restraint().letGo()
    expect(turns()).toEqual([])
    restraint().set(0.95)
    expect(turns()).toEqual(['sync'])
  })

  it('a lane that rests after its turn may go on at once afterwards', () => {
    restraint().set(0.5)
    writer.enter('sync')
    const batch = writer.dispatched()
    restraint().hold()
    writer.clock.advance(10)
    writer.answer(batch)
    writer.enter('sync')
    restraint().letGo()
    expect(turns()).toEqual(['sync'])
  })
})

describe('the process', () => {
  it('stays alive for what waits in a lane that rests, and not for an empty one (promise 13)', async () => {
    restraint().set(1)
    expect(writer.clock.timers).toBe(0)
    const write = writer.enter('sync', {})
    expect(writer.clock.timers).toBe(1)
    writer.clock.advance(60_000)
    expect(writer.clock.timers).toBe(1)
    restraint().set(0)
    expect(writer.clock.timers).toBe(0)
    expect(turns()).toEqual(['sync'])
    expect(write.settled).toBe(false)
  })

  it('stays alive for what a batch under way hands back, and no longer than it waits', () => {
    const aborting = new AbortController()
    writer.enter('sync')
    writer.enter('sync', { signal: aborting.signal })
    const batch = writer.dispatched()
    restraint().hold()
    writer.answer(batch, { answered: 1, numbers: new Float64Array(2) })
    expect(writer.clock.timers).toBe(1)
    aborting.abort()
    writer.clock.advance(60_000)
    expect(writer.clock.timers).toBe(0)
  })
})

it('lifted, it holds nobody any more, for good', () => {
  restraint().set(1)
  restraint().hold()
  writer.enter('sync')
  restraint().lift()
  expect(turns()).toEqual(['sync'])
  restraint().set(1)
  restraint().hold()
  writer.enter('background')
  expect(turns()).toEqual(['background'])
  expect(writer.clock.timers).toBe(0)
})
