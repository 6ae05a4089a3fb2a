// Promise 7: a read never waits behind a busy reader while another is free; promise 12: those that wait are bounded. The
// threads are played by the test; pool.test.ts does the same with real ones.
import { beforeEach, describe, expect, it } from 'vitest'
import { LockkeeperError as Failure, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import { readsWaitingMax } from '../limits.ts'
import { Counters } from '../telemetry/counters.ts'
import type { ToReaderThread } from '../threads/messages.ts'
import { ReadDesk, type ReaderSeat } from './desk.ts'
import type { PendingRead } from './pending-read.ts'

/** A reader's thread: what it was given, and whether it keeps the process alive. */
class PlayedThread {
  readonly given: (ToReaderThread & { type: 'read' })[] = []
  held = false
  readonly #seat: ReaderSeat

  constructor(seat: ReaderSeat) {
    this.#seat = seat
    this.connect()
  }

  connect(): void {
    this.#seat.connect({
      post: (message) => {
        if (message.type === 'read') this.given.push(message)
      },
      hold: () => {
        this.held = true
      },
      release: () => {
        this.held = false
      },
      terminate: () => {},
    })
    this.#seat.onMessage({ type: 'ready' })
  }

  /** Answers the read it was given last. */
  answer() {
    const id = this.given.at(-1)?.id ?? 0
    return this.#seat.onMessage({ type: 'answer', id, answer: { kind: 'output', output: id }, busy: {} })
  }

  die(): void {
    this.#seat.connect(undefined)
    this.#seat.onLost(lost)
  }
}

const lost = new Failure('The reader’s thread died', {
  code: 'thread-lost',
  stage: 'execute',
  retryable: true,
})

const noClaim = { confirm: () => {}, assertSame: () => {}, retain: () => {}, release: () => {} }

let desk: ReadDesk
let threads: PlayedThread[]
let answered: string[]
let failed: (LockkeeperError & { of: string })[]

beforeEach(() => {
  desk = new ReadDesk({ readers: 2, counters: new Counters(), threadData: {} as never, claim: noClaim })
  threads = desk.seats.map((seat) => new PlayedThread(seat))
  answered = []
  failed = []
})

function submit(label: string): PendingRead {
  const read: PendingRead = {
    work: { kind: 'query', sql: label, parameters: undefined, first: false },
    label,
    strikes: 0,
    answer: () => answered.push(label),
    fail: (error) => failed.push(Object.assign(error, { of: label })),
  }
  desk.submit(read)
  return read
}

const given = () =>
  threads.map(({ given }) => given.map(({ work }) => (work.kind === 'query' ? work.sql : '')))

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
    const closed = new Failure('The database is closed', { code: 'closed', stage: 'read' })
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
