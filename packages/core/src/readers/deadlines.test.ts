// Promise 15: a read ends at its deadline or abort, wherever it is: in the queue, or at a reader, which is cut off where that
// can be. The threads are played by the test; database/read-deadlines.test.ts does the same with real ones.
import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { readsMoveMs, readsWaitingMax, timerMsMax } from '../limits.ts'

let played: PlayedReaders
let aborting: AbortController
/** `connection 1, read 2 at 30`: what was interrupted, and when. */
let hits: string[]

beforeEach(() => {
  played = new PlayedReaders()
  aborting = new AbortController()
  hits = []
})

const withSignals = (): PlayedReaders => {
  const interrupt = (connection: number): boolean => hits.push(`${connection} at ${clock.now()}`) > 0
  played = new PlayedReaders({ interrupter: { interrupt } })
  const { clock } = played
  return played
}

/** Both readers are at a read; what is submitted from now on waits. */
const busy = (): Promise<void> => played.busy()
const turn = (): Promise<void> => played.turn()

describe('a read that waits for a reader', () => {
  it('leaves the queue at its deadline, counted from the call, with a typed error', async () => {
    await busy()
    played.submit('a', { deadlineMs: 100 })
    played.submit('b')
    played.clock.advance(99)
    expect([played.failures(), played.desk.waiting]).toEqual([[], 2])
    played.clock.advance(1)
    expect([played.failures(), played.desk.waiting]).toEqual([['a: deadline-exceeded'], 1])
    expect(played.failed[0]).toMatchObject({ stage: 'read', label: 'a', retryable: true, outcome: undefined })
    expect(played.failed[0]?.message).toContain('within 100 ms')
    played.threads[0]?.answer()
    await turn()
    expect(played.given()).toEqual([['busy 1', 'b'], ['busy 2']])
    expect(played.counters.reads).toEqual({ answered: 1, failed: 1 })
  })

  it('leaves the queue at its abort, with the signal’s reason', async () => {
    await busy()
    played.submit('a', { signal: aborting.signal })
    const reason = new Error('the page was closed')
    aborting.abort(reason)
    expect(played.failed).toMatchObject([
      { of: 'a', code: 'aborted', stage: 'read', label: 'a', retryable: false, outcome: undefined },
    ])
    expect(played.failed[0]?.cause).toBe(reason)
    expect(played.desk.waiting).toBe(0)
  })

  it('makes room in the queue, however many leave it', async () => {
    await busy()
    for (let n = 0; n < readsWaitingMax; n++) played.submit(`read ${n}`, { signal: aborting.signal })
    played.submit('too many')
    expect(played.failures()).toEqual(['too many: queue-full'])
    aborting.abort()
    expect([played.desk.waiting, played.failed.length]).toEqual([0, readsWaitingMax + 1])
    played.submit('fits')
    played.threads[0]?.answer()
    await turn()
    expect(played.given()[0]).toEqual(['busy 1', 'fits'])
  })

  it('is not run with a signal that has been given already, nor past a deadline, even where a reader is free', async () => {
    played.submit('a', { signal: AbortSignal.abort('why') })
    await turn()
    expect(played.failures()).toEqual(['a: aborted'])
    expect(played.failed[0]?.cause).toBe('why')
    expect(played.given()).toEqual([[], []])
  })

  it('has no end for a deadline beyond the longest timer', async () => {
    await busy()
    played.submit('a', { deadlineMs: Number.POSITIVE_INFINITY })
    played.submit('b', { deadlineMs: timerMsMax + 1 })
    expect(played.clock.timers).toBe(0)
    expect(played.desk.waiting).toBe(2)
  })
})

describe('a read that runs', () => {
  it('is told of its end at once; its reader stays busy until it answers, and the late answer is nobody’s', async () => {
    played.submit('a', { deadlineMs: 100 })
    played.submit('b')
    await turn()
    played.submit('c')
    played.threads[0]?.begin()
    played.clock.advance(100)
    expect(played.failures()).toEqual(['a: deadline-exceeded'])
    expect(played.given()).toEqual([['a'], ['b']])
    expect(played.threads[0]).toMatchObject({ held: true, gate: { isCancelled: true } })
    played.threads[0]?.answer()
    await turn()
    expect(played.given()).toEqual([['a', 'c'], ['b']])
    played.threads[0]?.begin()
    expect(played.threads[0]?.gate.isCancelled).toBe(false)
    played.threads[0]?.answer()
    expect(played.answered).toEqual(['c'])
    expect(played.counters.reads).toEqual({ answered: 1, failed: 1 })
  })

  it('and has been given up is not run again when its thread dies', async () => {
    played.submit('a', { signal: aborting.signal })
    await turn()
    played.threads[0]?.begin()
    aborting.abort()
    played.threads[0]?.die()
    await turn()
    expect([played.given(), played.desk.waiting]).toEqual([[['a'], []], 0])
    expect(played.counters.reads).toEqual({ answered: 0, failed: 1 })
  })

  it('counts its deadline on while it runs again, after its thread has died', async () => {
    played.submit('a', { deadlineMs: 100 })
    await turn()
    played.clock.advance(60)
    played.threads[0]?.die()
    await turn()
    expect(played.given()).toEqual([['a'], ['a']])
    played.clock.advance(40)
    expect(played.failures()).toEqual(['a: deadline-exceeded'])
  })

  it('leaves neither timer nor listener behind, however it ends', async () => {
    const { signal } = aborting
    for (const label of ['answered', 'lost', 'refused']) {
      played.submit(label, { signal, deadlineMs: 1_000 })
      await turn()
    }
    expect([played.clock.timers, getEventListeners(signal, 'abort').length]).toEqual([3, 1])
    played.threads[0]?.answer()
    played.threads[1]?.die()
    await turn()
    played.threads[0]?.die()
    played.desk.refuse(played.failed[0] ?? (new Error('closed') as never))
    // The desk's own look at the message.
    played.clock.advance(readsMoveMs)
    expect([played.clock.timers, getEventListeners(signal, 'abort').length]).toEqual([0, 0])
    aborting.abort()
    expect(played.counters.reads).toEqual({ answered: 1, failed: 2 })
  })

  it('shares one signal with ten thousand others, and leaves nothing on it', async () => {
    const { signal } = aborting
    for (let n = 0; n < 10_000; n++) played.submit(`read ${n}`, { signal })
    expect(getEventListeners(signal, 'abort').length).toBe(1)
    await turn()
    for (let n = 0; played.answered.length < 10_000; n++) {
      played.threads[n % 2]?.answer()
      await turn()
    }
    expect(played.answered).toHaveLength(10_000)
    expect(getEventListeners(signal, 'abort').length).toBe(0)
  })
})

/*
 * thread                          desk
 * ------                          ----
 * enters the gate: read 1
 *                                 abort: the caller is told
 *                                 gate is at read 1: interrupts
 * …between two statements
 *                                 2 ms later: interrupts again
 * leaves the gate, answers
 *                                 throws the answer away
 */
describe('with signals, a read that runs', () => {
  it('is cut off, again and again until its reader has answered', async () => {
    const { threads, clock } = withSignals()
    await busy()
    threads[1]?.answer()
    played.submit('a', { signal: aborting.signal })
    await turn()
    threads[1]?.begin()
    clock.advance(10)
    aborting.abort()
    expect(hits).toEqual(['2 at 10'])
    clock.advance(7)
    expect(hits).toEqual(['2 at 10', '2 at 12', '2 at 16'])
    threads[1]?.answer()
    expect(played.failures()).toEqual(['a: aborted'])
    played.submit('b')
    await turn()
    threads[1]?.begin()
    clock.advance(1_000)
    expect(hits).toHaveLength(3)
  })

  it('is not interrupted before its thread has begun it, and soon after', async () => {
    const { threads, clock } = withSignals()
    played.submit('a', { deadlineMs: 50 })
    await turn()
    clock.advance(51)
    expect(hits).toEqual([])
    threads[0]?.begin()
    clock.advance(1)
    expect(hits).toEqual(['1 at 52'])
    expect(threads[0]?.gate.isCancelled).toBe(true)
  })

  it('is left alone once its thread has gone', async () => {
    const { threads, clock } = withSignals()
    played.submit('a', { deadlineMs: 50 })
    await turn()
    threads[0]?.begin()
    clock.advance(50)
    threads[0]?.die()
    threads[0]?.connect()
    clock.advance(1_000)
    expect([hits, clock.timers]).toEqual([['1 at 50'], 0])
  })
})
