// Promise 7: a read never waits behind a busy reader while another is free; promise 12: those that wait are bounded. The
// threads are played by the test; pool.test.ts does the same with real ones.
import { beforeEach, describe, expect, it } from 'vitest'
import { type PlayedReader, PlayedReaders } from '../../fixtures/played-readers.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { readsWaitingMax } from '../limits.ts'
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

const submit = (label: string): PendingRead => played.submit(label)
const given = () => played.given()

describe('the read desk', () => {
  it('gives reads to free readers at once, and keeps the rest until one is free', () => {
    submit('a')
    submit('b')
    submit('c')
    submit('d')
    expect(given()).toEqual([['a'], ['b']])
    expect(desk.waiting).toBe(2)
    threads[1]?.answer()
    expect(given()).toEqual([['a'], ['b', 'c']])
    threads[1]?.answer()
    expect(given()).toEqual([['a'], ['b', 'c', 'd']])
    threads[1]?.answer()
    threads[0]?.answer()
    expect(answered).toEqual(['b', 'c', 'd', 'a'])
  })

  it('never lets a read wait behind a busy reader while another is free', () => {
    submit('slow')
    for (const label of ['a', 'b', 'c']) {
      submit(label)
      expect(desk.waiting).toBe(0)
      threads[1]?.answer()
    }
    expect(answered).toEqual(['a', 'b', 'c'])
    expect(given()).toEqual([['slow'], ['a', 'b', 'c']])
  })

  it('keeps the process alive for a reader just while it reads', () => {
    expect(threads.map(({ held }) => held)).toEqual([false, false])
    submit('a')
    submit('b')
    submit('c')
    threads[0]?.answer()
    expect(threads.map(({ held }) => held)).toEqual([true, true])
    threads[0]?.answer()
    expect(threads.map(({ held }) => held)).toEqual([false, true])
  })

  it('refuses the read for which there is no room, and says when to try again', () => {
    for (let n = 0; n < readsWaitingMax + 2; n++) submit(`read ${n}`)
    expect([desk.waiting, failed]).toEqual([readsWaitingMax, []])
    submit('one more')
    expect(failed).toMatchObject([
      { of: 'one more', code: 'queue-full', stage: 'read', label: 'one more', retryable: true },
    ])
    expect(failed[0]?.retryAfterMs).toBeGreaterThan(0)
    threads[0]?.answer()
    submit('another')
    expect(failed).toHaveLength(1)
  })
})

describe('a reader’s thread that dies', () => {
  it('while it reads: the read runs again on another reader, before those that wait', () => {
    submit('a')
    submit('b')
    submit('c')
    threads[0]?.die()
    expect(given()).toEqual([['a'], ['b']])
    threads[1]?.answer()
    expect(given()).toEqual([['a'], ['b', 'a']])
    threads[1]?.answer()
    threads[1]?.answer()
    expect(answered).toEqual(['b', 'a', 'c'])
  })

  it('twice of the same read: that read is refused, with its label and without an outcome', () => {
    submit('deadly')
    threads[0]?.die()
    threads[1]?.die()
    expect(failed).toMatchObject([{ of: 'deadly', code: 'thread-lost', stage: 'read', label: 'deadly' }])
    expect(failed[0]?.outcome).toBeUndefined()
    expect(desk.counters.reads).toMatchObject({ answered: 0, failed: 1 })
  })

  it('gets no read before its successor is ready', () => {
    threads[0]?.die()
    threads[1]?.die()
    submit('a')
    expect([desk.waiting, given()]).toEqual([1, [[], []]])
    threads[1]?.connect()
    expect([desk.waiting, given()]).toEqual([0, [[], ['a']]])
  })
})

describe('a read desk that refuses', () => {
  it('fails what waits and what comes, and lets running reads end', () => {
    const closed = new LockkeeperError('The database is closed', { code: 'closed', stage: 'read' })
    submit('a')
    submit('b')
    submit('c')
    desk.refuse(closed)
    submit('d')
    expect(failed).toMatchObject([
      { of: 'c', code: 'closed', label: 'c' },
      { of: 'd', code: 'closed', label: 'd' },
    ])
    threads[0]?.answer()
    threads[1]?.die()
    expect(answered).toEqual(['a'])
    expect(failed.at(-1)).toMatchObject({ of: 'b', code: 'closed' })
  })
})
