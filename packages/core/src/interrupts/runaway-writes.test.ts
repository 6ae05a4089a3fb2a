// Promise 15: a write that runs on after its deadline or abort is cut off once it has overstayed its slice, and is told why;
// one that ends by itself is told its true outcome. The thread is played by the test; interrupts.test.ts has real ones.
import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { errorOf } from '../../fixtures/pending-writes.ts'
import { PlayedWriter } from '../../fixtures/played-writer.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import { laneDefaults } from '../limits.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { ItemAnswer } from '../writer/batch.ts'

let played: PlayedWriter
let aborting: AbortController
/** Which item was interrupted, and when, in milliseconds. */
let hits: string[]

const { sliceMs } = laneDefaults.user

beforeEach(() => {
  aborting = new AbortController()
  hits = []
  const interrupt = (connection: number): boolean =>
    hits.push(`connection ${connection} at ${played.clock.now()}`) > 0
  played = new PlayedWriter({ interrupt })
})

const failed = (item: number, code: ErrorCode): readonly [number, ItemAnswer] => {
  const error = new LockkeeperError(code, { code, stage: 'execute', outcome: 'not-stored' })
  return [item, { kind: 'error', error: errorToWire(error) }]
}

/** The writes begin to run as one batch, and this item of it runs now. */
const running = (item: number) => {
  const batch = played.dispatched()
  played.control.setRunningItem(item)
  return batch
}

const leftovers = (): number[] => [played.clock.timers, getEventListeners(aborting.signal, 'abort').length]

/*
 * thread                          desk
 * ------                          ----
 * item 0 runs
 *                                 abort: item 0 runs
 *                                 a slice later: still item 0; interrupts
 * SQLITE_INTERRUPT
 * answers: item 0 failed
 *                                 aborted, not-stored
 */
describe('a running write', () => {
  it('is cut off when a slice has passed since its abort, and says so', async () => {
    const write = played.enter('user', { signal: aborting.signal })
    const batch = running(0)
    played.clock.advance(1_000)
    const reason = new Error('the page was closed')
    aborting.abort(reason)
    played.clock.advance(sliceMs - 1)
    expect([hits, played.control.gate.isCancelled]).toEqual([[], false])
    played.clock.advance(1)
    expect([hits, played.control.gate.isCancelled]).toEqual([['connection 7 at 1005'], true])
    played.clock.advance(2)
    expect(hits).toHaveLength(2)
    played.answer(batch, { others: [failed(0, 'sqlite-interrupt')], commits: 0 })
    const error = await errorOf(write)
    expect(error).toMatchObject({
      code: 'aborted',
      stage: 'execute',
      outcome: 'not-stored',
      label: 'notes.add',
      retryable: false,
    })
    expect(error?.cause).toBe(reason)
    expect(played.mailbox.lanes.user.counts).toMatchObject({ committed: 0, failed: 1 })
    expect(leftovers()).toEqual([0, 0])
  })

  it('is cut off when a slice has passed since its deadline, which counts from its call', async () => {
    const write = played.enter('user', { deadlineMs: 100 })
    played.clock.advance(60)
    const batch = running(0)
    played.clock.advance(40 + sliceMs)
    expect(hits).toEqual(['connection 7 at 105'])
    played.answer(batch, { others: [failed(0, 'aborted')], commits: 0 })
    expect(await errorOf(write)).toMatchObject({
      code: 'deadline-exceeded',
      stage: 'execute',
      outcome: 'not-stored',
      retryable: true,
    })
    expect(leftovers()).toEqual([0, 0])
  })

  it('is cut off within two slices when its abort comes as soon as it is under way', () => {
    played.enter('user', { signal: aborting.signal })
    running(0)
    aborting.abort()
    played.clock.advance(2 * sliceMs - 1)
    expect(hits).toEqual([])
    played.clock.advance(1)
    expect(hits).toEqual(['connection 7 at 10'])
  })

  it('that ends within its slice has cost one timer for its whole batch, and no listener', async () => {
    const terms = { deadlineMs: 100, signal: aborting.signal }
    const writes = [played.enter('user', terms), played.enter('user', terms), played.enter()]
    const batch = running(0)
    expect(leftovers()).toEqual([1, 0])
    aborting.abort()
    played.answer(batch)
    expect(leftovers()).toEqual([0, 0])
    expect(await played.outcomesOf(writes)).toEqual(['committed', 'committed', 'committed'])
  })

  it('that has ended when it is looked at again is told its true outcome', async () => {
    const write = played.enter('user', { signal: aborting.signal })
    const batch = running(0)
    played.clock.advance(sliceMs)
    aborting.abort()
    played.control.setRunningItem(undefined)
    played.clock.advance(10 * sliceMs)
    expect(hits).toEqual([])
    played.answer(batch)
    expect(await played.outcomesOf([write])).toEqual(['committed'])
    expect(leftovers()).toEqual([0, 0])
  })

  it('that ends although it is being cut off is told its true outcome, be it another failure', async () => {
    for (const [others, outcome] of [
      [[], 'committed'],
      [[failed(0, 'sqlite-constraint-unique')], 'sqlite-constraint-unique not-stored'],
    ] as const) {
      const write = played.enter('user', { deadlineMs: 10 })
      const batch = running(0)
      played.clock.advance(20)
      expect(hits).not.toEqual([])
      played.answer(batch, { others })
      expect(await played.outcomesOf([write])).toEqual([outcome])
    }
  })

  it('is left alone when a neighbour’s abort comes', async () => {
    const [long] = [played.enter(), played.enter('user', { signal: aborting.signal })]
    const batch = running(0)
    aborting.abort()
    played.clock.advance(1_000)
    expect(hits).toEqual([])
    played.answer(batch, { others: [failed(1, 'aborted')] })
    expect(await played.outcomesOf([long])).toEqual(['committed'])
  })

  it('that had its turn after its abort is cut off, too, once it has run for a slice', async () => {
    const writes = [played.enter(), played.enter('user', { signal: aborting.signal }), played.enter()]
    const batch = running(0)
    aborting.abort()
    played.clock.advance(1_000)
    played.control.setRunningItem(1)
    played.clock.advance(sliceMs)
    expect(hits).toEqual([])
    played.clock.advance(sliceMs)
    expect(hits).toEqual(['connection 7 at 1010'])
    played.control.setRunningItem(2)
    played.clock.advance(1_000)
    expect(hits).toHaveLength(1)
    played.answer(batch, { others: [failed(1, 'sqlite-interrupt')] })
    expect(await played.outcomesOf(writes)).toEqual(['committed', 'aborted not-stored', 'committed'])
  })

  it('that is handed back after it was cut off is not run again', async () => {
    const [first, cut] = [played.enter(), played.enter('user', { signal: aborting.signal })]
    const batch = running(1)
    aborting.abort()
    played.clock.advance(2 * sliceMs)
    expect(hits).toHaveLength(1)
    played.answer(batch, { answered: 1, others: [failed(1, 'sqlite-interrupt')] })
    expect(await played.outcomesOf([first, cut])).toEqual(['committed', 'aborted not-stored'])
    expect([played.mailbox.depth, leftovers()]).toEqual([0, [0, 0]])
  })
})

describe('nothing is cut off', () => {
  it('that follows in another batch under the same number', async () => {
    played.enter('user', { deadlineMs: 10 })
    const batch = running(0)
    played.clock.advance(10 + sliceMs)
    played.control.setRunningItem(undefined)
    played.answer(batch)
    const [{ length }] = [hits]
    const next = played.enter()
    const following = running(0)
    expect(played.control.gate.isCancelled).toBe(false)
    played.clock.advance(1_000)
    expect(hits).toHaveLength(length)
    played.answer(following)
    expect(await played.outcomesOf([next])).toEqual(['committed'])
  })

  it('in a thread that has died: the write is not run again after its deadline', async () => {
    const write = played.enter('user', { deadlineMs: 10 })
    running(0)
    played.clock.advance(10)
    played.newThreadSays({ batch: 0, answered: 0, failed: [] })
    played.clock.advance(1_000)
    expect(hits).toEqual([])
    expect(await played.outcomesOf([write])).toEqual(['deadline-exceeded not-stored'])
    expect(leftovers()).toEqual([0, 0])
  })

  it('of a job', () => {
    const work = { kind: 'job', order: { order: 'step', id: 'j' } } as const
    played.enter('user', { work, signal: aborting.signal })
    running(0)
    aborting.abort()
    played.clock.advance(1_000)
    expect([hits, leftovers()]).toEqual([[], [0, 0]])
  })

  it('without signals: a write’s deadline and abort count until it runs', async () => {
    played = new PlayedWriter()
    const write: PendingWrite = played.enter('user', { deadlineMs: 10, signal: aborting.signal })
    const batch = running(0)
    expect(leftovers()).toEqual([0, 0])
    aborting.abort()
    played.clock.advance(1_000)
    played.answer(batch)
    expect(await played.outcomesOf([write])).toEqual(['committed'])
  })
})
