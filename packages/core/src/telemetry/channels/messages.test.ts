// Issue 8, events for tracers: what they say, to the millisecond. The threads are played.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import type { PlayedReader } from '../../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../../fixtures/played-readers.ts'
import { PlayedWriter } from '../../../fixtures/played-writer.ts'
import { LockkeeperError } from '../../errors/lockkeeper-error.ts'
import { errorToWire } from '../../errors/wire.ts'
import type { LockkeeperChannels } from './messages.ts'

let leave: (() => void)[] = []

afterEach(() => {
  for (const end of leave) end()
  leave = []
})

function heard<Name extends keyof LockkeeperChannels>(name: Name): LockkeeperChannels[Name][] {
  const messages: LockkeeperChannels[Name][] = []
  const listener = (message: unknown): void => void messages.push(message as LockkeeperChannels[Name])
  subscribe(name, listener)
  leave.push(() => unsubscribe(name, listener))
  return messages
}

const busy = errorToWire(new LockkeeperError('locked', { code: 'sqlite-busy', stage: 'begin' }))

describe('of a write that another process kept waiting', () => {
  it('the message tells its wait in the lane, its wait for the lock, and its hold apart', async () => {
    const [writes, batches] = [heard('lockkeeper:write'), heard('lockkeeper:batch')]
    const played = new PlayedWriter()
    const write = played.enter('sync', { label: 'blobs' })
    played.clock.advance(7)
    const first = played.dispatched()
    played.clock.advance(25)
    played.answer(first, { answered: 0, commits: 0, contended: busy, waitedMs: 25 })
    played.clock.advance(2)
    const second = played.dispatched()
    played.clock.advance(9)
    const numbers = new Float64Array([3, 1])
    played.answer(second, { numbers, times: new Float64Array([4]), waitedMs: 3, heldMs: 5 })
    expect(write.settled).toBe(true)
    expect(writes).toMatchObject([
      {
        ...{ label: 'blobs', lane: 'sync', startedAtMs: 0, endedAtMs: 43, outcome: 'committed' },
        ...{ queueWaitMs: 9, beginWaitMs: 28, holdMs: 5, rows: 3, retries: 1, batch: 2 },
      },
    ])
    expect(batches).toMatchObject([
      {
        batch: 1,
        outcome: 'contended',
        answered: 0,
        writes: 1,
        startedAtMs: 7,
        endedAtMs: 32,
        beginWaitMs: 25,
      },
      {
        batch: 2,
        outcome: 'answered',
        answered: 1,
        startedAtMs: 34,
        endedAtMs: 43,
        beginWaitMs: 3,
        holdMs: 5,
      },
    ])
  })
})

describe('of a batch whose thread died', () => {
  it('the messages tell what became of it once that is known', async () => {
    const [writes, batches] = [heard('lockkeeper:write'), heard('lockkeeper:batch')]
    const played = new PlayedWriter()
    for (const label of ['stored', 'again']) played.enter('user', { label })
    const { id } = played.dispatched()
    played.desk.connect(undefined)
    played.clock.advance(300)
    expect(batches).toEqual([])
    played.newThreadSays({ batch: id, answered: 1, failed: [] })
    expect(batches).toMatchObject([
      { outcome: 'lost', writes: 2, answered: 1, startedAtMs: 0, endedAtMs: 300 },
    ])
    expect(writes).toMatchObject([
      { label: 'stored', outcome: 'committed', errorCode: 'result-lost', holdMs: undefined, rows: undefined },
    ])
    played.answer(played.dispatched())
    expect(writes[1]).toMatchObject({ label: 'again', outcome: 'committed', retries: 1, batch: 2 })
  })
})

describe('of a write that gets no turn', () => {
  it('the message tells that it was never held', () => {
    const writes = heard('lockkeeper:write')
    const played = new PlayedWriter()
    played.enter('user', { label: 'late', deadlineMs: 50 })
    played.clock.advance(50)
    expect(writes).toMatchObject([
      {
        ...{ label: 'late', outcome: 'not-stored', errorCode: 'deadline-exceeded', queueWaitMs: 50 },
        ...{ beginWaitMs: 0, holdMs: undefined, batch: undefined },
      },
    ])
  })
})

describe('where nobody listens', () => {
  it('no write has a tracer, and one that was called before somebody came is not told of', () => {
    const played = new PlayedWriter()
    const write = played.enter()
    expect(write.tracer).toBeUndefined()
    const writes = heard('lockkeeper:write')
    const later = played.enter()
    expect(later.tracer).toBeDefined()
    played.answer(played.dispatched())
    expect([write.settled, writes.length]).toEqual([true, 1])
  })
})

describe('of reads', () => {
  const thread = (played: PlayedReaders, n: number): PlayedReader => played.threads[n] as PlayedReader

  it('the message tells the wait from the run; of one that was given up, that its caller did not see its end', async () => {
    const reads = heard('lockkeeper:read')
    const played = new PlayedReaders({ readers: { interactive: 1, background: 0 } })
    played.submit('first')
    await played.turn()
    played.submit('second', { deadlineMs: 30 })
    thread(played, 0).begin()
    played.clock.advance(20)
    thread(played, 0).answer()
    await played.turn()
    thread(played, 0).begin()
    played.clock.advance(20)
    thread(played, 0).answer()
    expect(reads).toMatchObject([
      { label: 'first', class: 'interactive', sql: 'first', outcome: 'answered', waitMs: 0, runMs: 20 },
      {
        ...{ label: 'second', outcome: 'failed', errorCode: 'deadline-exceeded', waitMs: 20 },
        ...{ startedAtMs: 0, endedAtMs: 30, runMs: undefined },
      },
    ])
  })

  it('and of a snapshot how long it had its reader', async () => {
    const [starts, leases] = [heard('lockkeeper:lease:start'), heard('lockkeeper:lease')]
    const played = new PlayedReaders({ readers: { interactive: 2, background: 0 } })
    played.clock.advance(5)
    const lease = played.snapshot()
    expect(starts).toMatchObject([{ label: 'snapshot', startedAtMs: 5, endedAtMs: undefined }])
    await played.turn()
    thread(played, 0).reply()
    await lease.begun
    played.clock.advance(13)
    lease.end()
    thread(played, 0).reply()
    expect(leases).toMatchObject([{ waitMs: 0, heldMs: 13, endedAtMs: 18 }])
    expect(leases[0]).toBe(starts[0])
  })
})
