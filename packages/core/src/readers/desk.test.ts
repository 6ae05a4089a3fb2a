// Promise 7: a read never waits behind a busy reader while another is free; promise 12: those that wait are bounded. The
// threads are played by the test; pool.test.ts does the same with real ones.
import { beforeEach, describe, expect, it } from 'vitest'
import type { PlayedReader } from '../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { readsMoveMs, readsWaitingMax, strikesMax, tenantsWaitingMax } from '../limits.ts'
import type { ReadDesk } from './desk.ts'
import type { PendingRead } from './pending-read.ts'

let played: PlayedReaders
let desk: ReadDesk
let threads: readonly PlayedReader[]
let answered: PlayedReaders['answered']
let failed: PlayedReaders['failed']

beforeEach(() => {
  played = new PlayedReaders()
  ;({ desk, threads, answered, failed } = played)
})

const closed = new LockkeeperError('The database is closed', { code: 'closed', stage: 'read' })
const submit = (label: string): PendingRead => played.submit(label)
const given = () => played.given()
const turn = () => played.turn()

/** Each read in a turn of its own, so that none shares a message with another while readers are free. */
const submitEach = async (...labels: string[]): Promise<void> => {
  for (const label of labels) {
    submit(label)
    await turn()
  }
}

describe('the read desk', () => {
  it('gives reads to free readers at once, and keeps the rest until one is free', async () => {
    await submitEach('a', 'b', 'c')
    expect([given(), desk.waiting]).toEqual([[['a'], ['b']], 1])
    threads[1]?.answer()
    await submitEach('d')
    expect(given()).toEqual([['a'], ['b', 'c']])
    threads[1]?.answer()
    await turn()
    expect(given()).toEqual([['a'], ['b', 'c', 'd']])
    threads[1]?.answer()
    threads[0]?.answer()
    expect(answered).toEqual(['b', 'c', 'd', 'a'])
  })

  it('never lets a read wait behind a busy reader while another is free', async () => {
    await submitEach('slow')
    for (const label of ['a', 'b', 'c']) {
      await submitEach(label)
      expect(desk.waiting).toBe(0)
      threads[1]?.answer()
    }
    expect(answered).toEqual(['a', 'b', 'c'])
    expect(given()).toEqual([['slow'], ['a', 'b', 'c']])
  })

  it('keeps the process alive for a reader just while it reads', async () => {
    expect(threads.map(({ held }) => held)).toEqual([false, false])
    await submitEach('a', 'b', 'c')
    threads[0]?.answer()
    await turn()
    expect(threads.map(({ held }) => held)).toEqual([true, true])
    threads[0]?.answer()
    await turn()
    expect(threads.map(({ held }) => held)).toEqual([false, true])
  })

  it('refuses the read for which there is no room, and says when to try again', async () => {
    await played.busy()
    for (let n = 0; n < readsWaitingMax; n++) submit(`read ${n}`)
    expect([desk.waiting, failed]).toEqual([readsWaitingMax, []])
    submit('one more')
    expect(failed).toMatchObject([
      { of: 'one more', code: 'queue-full', stage: 'read', label: 'one more', retryable: true },
    ])
    expect(failed[0]?.retryAfterMs).toBeGreaterThan(0)
    threads[0]?.answer()
    await turn()
    submit('another')
    expect(failed).toHaveLength(1)
  })

  it('has room for reads however many snapshots wait, and the other way round: scopes need the reads inside them', async () => {
    played.snapshot()
    await turn()
    for (let n = 0; n < tenantsWaitingMax; n++) played.snapshot()
    const refused = played.snapshot()
    await expect(refused.begun).rejects.toMatchObject({ code: 'queue-full', retryable: true })
    await submitEach('a')
    expect([given(), failed]).toEqual([[[], ['a']], []])
  })

  it('keeps classes apart: a read waits for a reader of its own, whoever else is free (promise 7)', async () => {
    played = new PlayedReaders({ readers: { interactive: 1, background: 1 } })
    played.submit('b', {}, 'background')
    played.submit('c', {}, 'background')
    await turn()
    expect([given(), played.desk.waiting]).toEqual([[[], ['b c']], 0])
    played.submit('d', {}, 'background')
    played.submit('a')
    await turn()
    expect([given(), played.desk.waiting]).toEqual([[['a'], ['b c']], 1])
  })
})

describe('a read that is to see something else first (promise 8)', () => {
  it('takes no reader before that has its outcome', async () => {
    const settled: (() => void)[] = []
    played.submit('a', { after: { whenSettled: (then) => settled.push(then) } })
    await submitEach('b')
    expect([given(), desk.waiting]).toEqual([[['b'], []], 1])
    for (const then of settled) then()
    await turn()
    expect(given()).toEqual([['b'], ['a']])
  })

  it('is told so if the pool closes meanwhile, and the outcome comes to nobody', async () => {
    const settled: (() => void)[] = []
    played.submit('a', { after: { whenSettled: (then) => settled.push(then) } })
    desk.refuse(closed)
    expect(played.failures()).toEqual(['a: closed'])
    for (const then of settled) then()
    await turn()
    expect([given(), desk.waiting]).toEqual([[[], []], 0])
  })
})

describe('a reader’s thread that dies', () => {
  it('while it reads: the read runs again on another reader, before those that wait', async () => {
    await submitEach('a', 'b', 'c')
    threads[0]?.begin()
    threads[0]?.die()
    await turn()
    expect(given()).toEqual([['a'], ['b']])
    threads[1]?.answer()
    await turn()
    expect(given()).toEqual([['a'], ['b', 'a c']])
    threads[1]?.answer()
    expect(answered).toEqual(['b', 'a', 'c'])
  })

  it('while it reads one of several: that one gets the strike, and all go to the front in their order', async () => {
    await played.busy()
    for (const label of ['a', 'b', 'c', 'd', 'e', 'f']) submit(label)
    threads[0]?.answer()
    await turn()
    expect(given()).toEqual([['busy 1', 'a b c'], ['busy 2']])
    threads[0]?.begin()
    threads[0]?.begin()
    threads[0]?.die()
    threads[1]?.answer()
    await turn()
    // It was the one that ran, so it comes first; what was not begun, or not answered, follows.
    expect(given()).toEqual([
      ['busy 1', 'a b c'],
      ['busy 2', 'b a c d e f'],
    ])
    threads[1]?.begin()
    threads[1]?.die()
    expect(played.failures()).toEqual(['b: thread-lost'])
    threads[0]?.connect()
    await turn()
    threads[0]?.answer()
    expect(answered).toEqual(['busy 1', 'busy 2', 'a', 'c', 'd', 'e', 'f'])
  })

  it('between two reads of a message: all run again, and none is blamed', async () => {
    await played.busy()
    for (const label of ['a', 'b']) submit(label)
    for (let deaths = 0; deaths < strikesMax + 1; deaths++) {
      threads[0]?.die()
      threads[0]?.connect()
      await turn()
    }
    expect(failed.filter(({ of }) => of !== 'busy 1')).toEqual([])
  })

  it('twice of the same read: that read is refused, with its label and without an outcome', async () => {
    await submitEach('deadly')
    threads[0]?.begin()
    threads[0]?.die()
    await turn()
    threads[1]?.begin()
    threads[1]?.die()
    expect(failed).toMatchObject([{ of: 'deadly', code: 'thread-lost', stage: 'read', label: 'deadly' }])
    expect(failed[0]?.outcome).toBeUndefined()
    expect(desk.counters.reads).toMatchObject({ answered: 0, failed: 1 })
  })

  it('gets no read before its successor is ready', async () => {
    threads[0]?.die()
    threads[1]?.die()
    await submitEach('a')
    expect([desk.waiting, given()]).toEqual([1, [[], []]])
    threads[1]?.connect()
    await turn()
    expect([desk.waiting, given()]).toEqual([0, [[], ['a']]])
  })
})

describe('a read desk that refuses', () => {
  it('fails what waits and what comes, and lets running reads end', async () => {
    await submitEach('a', 'b', 'c')
    desk.refuse(closed)
    await submitEach('d')
    expect(failed).toMatchObject([
      { of: 'c', code: 'closed', label: 'c' },
      { of: 'd', code: 'closed', label: 'd' },
    ])
    threads[0]?.answer()
    threads[1]?.die()
    expect(answered).toEqual(['a'])
    expect(failed.at(-1)).toMatchObject({ of: 'b', code: 'closed' })
  })

  it('fails what comes back from a message under way: not begun, taken back, or lost with its thread', async () => {
    await played.busy()
    for (const label of ['a', 'b', 'c', 'd', 'e', 'f']) submit(label)
    threads[0]?.answer()
    threads[1]?.answer()
    await turn()
    expect(given().map((texts) => texts[1])).toEqual(['a b c', 'd e f'])
    threads[0]?.begin()
    threads[1]?.begin()
    threads[1]?.begin()
    desk.refuse(closed)
    played.clock.advance(readsMoveMs)
    expect(played.failures()).toEqual(['b: closed', 'c: closed', 'f: closed'])
    threads[0]?.answer()
    threads[1]?.die()
    expect(answered).toEqual(['busy 1', 'busy 2', 'a'])
    expect(played.failures().slice(3)).toEqual(['d: closed', 'e: closed'])
  })

  it('fails snapshots and streams that wait, and those that come', async () => {
    played = new PlayedReaders()
    await played.busy()
    const [snapshot, stream] = [played.snapshot(), played.stream()]
    const next = stream.next()
    played.desk.refuse(closed)
    await expect(snapshot.begun).rejects.toMatchObject({ code: 'closed' })
    await expect(next).rejects.toMatchObject({ code: 'closed', stage: 'read' })
    await expect(played.snapshot().begun).rejects.toMatchObject({ code: 'closed' })
    expect([snapshot.isOver, stream.isOver, played.desk.waiting]).toEqual([true, true, 0])
  })
})

describe('a class whose readers have all stopped', () => {
  it('refuses its reads, snapshots and streams; the other class goes on', async () => {
    played = new PlayedReaders({ readers: { interactive: 1, background: 1 } })
    const [interactive, background] = played.threads
    played.submit('a', {}, 'background')
    await turn()
    played.submit('b', {}, 'background')
    background?.begin()
    background?.die()
    background?.seat.onStopped(
      new LockkeeperError('died too often', { code: 'thread-lost', stage: 'execute' }),
    )
    expect(played.failures().toSorted()).toEqual(['a: reader-stopped', 'b: reader-stopped'])
    played.submit('c', {}, 'background')
    await expect(played.snapshot({}, 'background').begun).rejects.toMatchObject({ code: 'reader-stopped' })
    played.submit('d')
    await turn()
    interactive?.answer()
    expect([played.failures().at(-1), played.answered]).toEqual(['c: reader-stopped', ['d']])
  })
})
