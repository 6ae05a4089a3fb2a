// Promises 3, 4 and 15: what the writer's desk makes of answers, of urgent newcomers and of a taken lock. The thread is played
// by the test; dead-thread.test.ts has it die.
import { beforeEach, describe, expect, it } from 'vitest'
import { errorOf } from '../../fixtures/pending-writes.ts'
import { PlayedWriter } from '../../fixtures/played-writer.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import { beginGiveUpMs, laneDefaults } from '../limits.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'

let played: PlayedWriter

beforeEach(() => {
  played = new PlayedWriter()
})

const failure = (message: string) =>
  errorToWire(
    new LockkeeperError(message, {
      code: 'sqlite-constraint-unique',
      stage: 'execute',
      outcome: 'not-stored',
    }),
  )
const busy = errorToWire(
  new LockkeeperError('database is locked', {
    code: 'sqlite-busy',
    stage: 'begin',
    outcome: 'not-stored',
    retryable: true,
  }),
)

describe('answers', () => {
  it('settle each write, put the rest back in front, and are counted', async () => {
    const writes = [played.enter(), played.enter(), played.enter(), played.enter()]
    const batch = played.dispatched()
    played.answer(batch, {
      answered: 2,
      numbers: new Float64Array([1, 10, 0, 0, 0, 0, 0, 0]),
      others: [[1, { kind: 'error', error: failure('taken') }]],
      busy: { 'sqlite-busy': 2 },
    })
    expect(await writes[0]?.outcome()).toMatchObject({
      result: { changes: 1, lastInsertRowid: 10, rows: [] },
    })
    expect(await errorOf(writes[1] as PendingWrite)).toMatchObject({ message: 'taken', label: 'notes.add' })
    expect(played.mailbox.takeBatch()?.writes).toEqual(writes.slice(2))
    expect(played.mailbox.lanes.user.counts).toMatchObject({ committed: 1, failed: 1 })
    expect([played.counters.batches, played.counters.busy]).toEqual([1, { 'sqlite-busy': 2 }])
  })

  it('to a batch that is not under way break an invariant', () => {
    played.enter()
    const batch = played.dispatched()
    played.answer(batch)
    expect(() => played.answer(batch)).toThrow('which is not under way')
  })

  it('that cannot be read fail their own write only, as committed', async () => {
    const [odd, good] = [played.enter(), played.enter()]
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    played.answer(played.dispatched(), { others: [[0, { kind: 'output', output: cycle }]] })
    expect(await played.outcomesOf([odd, good])).toEqual(['result-lost committed', 'committed'])
  })

  it('are waited for: only meanwhile the thread keeps the process alive', async () => {
    played.enter()
    const batch = played.dispatched()
    expect([played.holds, played.desk.isBusy]).toEqual([1, true])
    played.answer(batch)
    await played.turn()
    expect([played.holds, played.desk.isBusy]).toEqual([0, false])
    expect(played.events.at(-1)).toEqual({ type: 'batch.done', answered: 1, failed: 0 })
  })

  it('are followed by the next batch at once, with the writes that they set off; the machine is told when there are none', async () => {
    const first = played.enter()
    const batch = played.dispatched()
    const second = first.outcome().then(() => played.enter())
    played.answer(batch)
    await played.turn()
    expect(played.desk.isBusy).toBe(true)
    expect(played.events).not.toContainEqual(expect.objectContaining({ type: 'batch.done' }))
    played.answer(played.lastBatch())
    expect((await (await second).outcome()).outcome).toBe('committed')
    await played.turn()
    expect(played.events.at(-1)).toEqual({ type: 'batch.done', answered: 1, failed: 0 })
  })
})

describe('a more urgent write that enters while a batch runs', () => {
  it.each<[LaneName, LaneName, boolean]>([
    ['background', 'user', true],
    ['background', 'sync', true],
    ['sync', 'user', true],
    ['user', 'user', false],
    ['user', 'background', false],
    ['sync', 'background', false],
  ])('in a %s batch, from the %s lane: asks it to yield: %s', (lane, entering, asked) => {
    played.desk.onSend(() => {})
    played.enter(lane)
    played.dispatched()
    played.enter(entering)
    expect(played.control.yieldWanted).toBe(asked)
  })

  it('leaves alone a batch that has waited past its bound (promise 5), and the batch after it', () => {
    played.desk.onSend(() => {})
    played.enter('background')
    played.clock.advance(laneDefaults.background.waitMsMax + 1)
    played.enter('user')
    const aged = played.dispatched()
    played.enter('user')
    expect(played.control.yieldWanted).toBe(false)
    played.answer(aged)
    played.control.askToYield(true)
    played.dispatched()
    expect(played.control.yieldWanted).toBe(false)
  })
})

describe('a lock that another process holds', () => {
  it('puts the batch back, in its order, until the give-up time has passed since it was first refused', async () => {
    const writes = [played.enter(), played.enter()]
    played.clock.advance(60_000)
    expect(played.answer(played.dispatched(), { answered: 0, contended: busy, commits: 0 })).toEqual({
      type: 'batch.contended',
    })
    played.clock.advance(beginGiveUpMs - 1)
    const late = played.enter()
    const second = played.dispatched()
    expect(second.payloads).toHaveLength(3)
    played.answer(second, { answered: 0, contended: busy, commits: 0 })
    expect(await played.outcomesOf([...writes, late])).toEqual(['waiting', 'waiting', 'waiting'])
    played.clock.advance(1)
    played.answer(played.dispatched(), { answered: 0, contended: busy, commits: 0 })
    expect(await played.outcomesOf([...writes, late])).toEqual([
      'sqlite-busy not-stored',
      'sqlite-busy not-stored',
      'waiting',
    ])
    expect(await errorOf(writes[0] as PendingWrite)).toMatchObject({
      stage: 'begin',
      retryable: true,
      label: 'notes.add',
    })
    expect(played.mailbox.takeBatch()?.writes).toEqual([late])
  })

  it('is waited for afresh by a write that was handed back after the lock had been had', async () => {
    const [first, rest] = [played.enter(), played.enter()]
    played.answer(played.dispatched(), { answered: 0, contended: busy, commits: 0 })
    played.answer(played.dispatched(), { answered: 1 })
    expect(await played.outcomesOf([first, rest])).toEqual(['committed', 'waiting'])
    played.clock.advance(beginGiveUpMs)
    played.answer(played.dispatched(), { answered: 0, contended: busy, commits: 0 })
    expect(await played.outcomesOf([rest])).toEqual(['waiting'])
    played.clock.advance(beginGiveUpMs)
    played.answer(played.dispatched(), { answered: 0, contended: busy, commits: 0 })
    expect(await played.outcomesOf([rest])).toEqual(['sqlite-busy not-stored'])
  })

  it('does not stop deadlines and signals from counting (promise 15)', async () => {
    const aborting = new AbortController()
    const overdue = played.enter('user', { deadlineMs: 100 })
    const aborted = played.enter('user', { signal: aborting.signal })
    const patient = played.enter()
    const batch = played.dispatched()
    played.clock.advance(101)
    aborting.abort()
    played.answer(batch, { answered: 0, contended: busy, commits: 0 })
    expect(await played.outcomesOf([overdue, aborted, patient])).toEqual([
      'deadline-exceeded not-stored',
      'aborted not-stored',
      'waiting',
    ])
  })

  it('lets a more urgent write go first at the next try', () => {
    played.enter('sync')
    played.answer(played.dispatched(), { answered: 0, contended: busy, commits: 0 })
    played.enter('user', { work: { kind: 'statement', sql: 'the user’s', parameters: undefined } })
    expect(played.dispatched().texts).toEqual(['the user’s'])
  })
})
