// Promise 3: what the writer's desk makes of answers, of a taken lock, and of a dead thread. The thread is played by the test,
// so that it can die at any point; recovery.test.ts does the same with real ones.
import { type SimulatedClock, simulatedClock } from '@lockkeeper/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { errorOf, pendingWrite } from '../../fixtures/pending-writes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import { beginGiveUpMs, laneDefaults } from '../limits.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import { Mailbox } from '../mailbox/mailbox.ts'
import type { PendingWrite, PendingWriteFields } from '../mailbox/pending-write.ts'
import { Counters } from '../telemetry/counters.ts'
import type { FromWriterThread, ToWriterThread } from '../threads/messages.ts'
import type { Batch, BatchAnswers } from './batch.ts'
import type { CommitRecord } from './commit-record.ts'
import { WriterControl } from './control.ts'
import { WriterDesk } from './desk.ts'

const claim = () => ({ confirm: () => {}, retain: () => {}, release: () => {} })

let clock: SimulatedClock
let mailbox: Mailbox
let control: WriterControl
let counters: Counters
let desk: WriterDesk
let posted: ToWriterThread[]
let holds: number

beforeEach(() => {
  clock = simulatedClock()
  mailbox = new Mailbox({ clock, lanes: laneDefaults })
  control = new WriterControl()
  counters = new Counters()
  posted = []
  holds = 0
  desk = new WriterDesk({ mailbox, control, clock, counters, claim, threadData: {} as never })
  connectThread()
})

function connectThread(): void {
  desk.connect({
    post: (message) => posted.push(message),
    hold: () => holds++,
    release: () => holds--,
    terminate: () => {},
  })
}

function enter(lane: LaneName = 'user', fields: Partial<PendingWriteFields> = {}): PendingWrite {
  const write = pendingWrite({ lane, enteredAtMs: clock.now(), label: 'notes.add', ...fields })
  mailbox.enter(write)
  return write
}

function dispatched(): Batch {
  desk.dispatch()
  const message = posted.at(-1)
  if (message?.type !== 'batch') throw new Error('No batch was posted')
  return message.batch
}

function answer(batch: Batch, fields: Partial<BatchAnswers> = {}) {
  const { length } = batch.payloads
  const answers: BatchAnswers = {
    id: batch.id,
    answered: length,
    numbers: new Float64Array(length * 2),
    others: [],
    commits: 1,
    busy: {},
    overstays: [],
    contended: undefined,
    ...fields,
  }
  return desk.onMessage({ type: 'answers', answers })
}

function newThreadSays(last: CommitRecord): void {
  connectThread()
  const ready = { type: 'ready', sqlite: '3.54.0', last, procedures: new Map(), unfinishedJobs: [] }
  desk.onMessage(ready as FromWriterThread)
}

const outcomesOf = (writes: readonly PendingWrite[]) =>
  Promise.all(
    writes.map(async (write) => {
      if (!write.settled) return 'waiting'
      const error = await errorOf(write)
      return error === undefined ? 'committed' : `${error.code} ${error.outcome}`
    }),
  )

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
    const writes = [enter(), enter(), enter(), enter()]
    const batch = dispatched()
    const event = answer(batch, {
      answered: 2,
      numbers: new Float64Array([1, 10, 0, 0, 0, 0, 0, 0]),
      others: [[1, { kind: 'error', error: failure('taken') }]],
      busy: { 'sqlite-busy': 2 },
    })
    expect(event).toEqual({ type: 'batch.done', answered: 2, failed: 1 })
    expect(await writes[0]?.outcome()).toMatchObject({
      result: { changes: 1, lastInsertRowid: 10, rows: [] },
    })
    expect(await errorOf(writes[1] as PendingWrite)).toMatchObject({ message: 'taken', label: 'notes.add' })
    expect(mailbox.takeBatch()?.writes).toEqual(writes.slice(2))
    expect(mailbox.lanes.user.counts).toMatchObject({ committed: 1, failed: 1 })
    expect([counters.batches, counters.busy]).toEqual([1, { 'sqlite-busy': 2 }])
  })

  it('to a batch that is not under way break an invariant', () => {
    enter()
    const batch = dispatched()
    answer(batch)
    expect(() => answer(batch)).toThrow('which is not under way')
  })

  it('that cannot be read fail their own write only, as committed', async () => {
    const [odd, good] = [enter(), enter()]
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    answer(dispatched(), { others: [[0, { kind: 'output', output: cycle }]] })
    expect(await outcomesOf([odd, good])).toEqual(['result-lost committed', 'committed'])
  })

  it('are waited for: only meanwhile the thread keeps the process alive', () => {
    expect(desk.dispatch()).toBe(false)
    enter()
    const batch = dispatched()
    expect([holds, desk.isBusy]).toEqual([1, true])
    answer(batch)
    expect([holds, desk.isBusy]).toEqual([0, false])
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
    desk.onSend(() => {})
    enter(lane)
    dispatched()
    enter(entering)
    expect(control.yieldWanted).toBe(asked)
  })

  it('leaves alone a batch that has waited past its bound (promise 5), and the batch after it', () => {
    desk.onSend(() => {})
    enter('background')
    clock.advance(laneDefaults.background.waitMsMax + 1)
    enter('user')
    const aged = dispatched()
    enter('user')
    expect(control.yieldWanted).toBe(false)
    answer(aged)
    control.askToYield(true)
    dispatched()
    expect(control.yieldWanted).toBe(false)
  })
})

describe('a lock that another process holds', () => {
  it('puts the batch back, in its order, until the give-up time has passed since it was first refused', async () => {
    const writes = [enter(), enter()]
    clock.advance(60_000)
    expect(answer(dispatched(), { answered: 0, contended: busy, commits: 0 })).toEqual({
      type: 'batch.contended',
    })
    clock.advance(beginGiveUpMs - 1)
    const late = enter()
    const second = dispatched()
    expect(second.payloads).toHaveLength(3)
    answer(second, { answered: 0, contended: busy, commits: 0 })
    expect(await outcomesOf([...writes, late])).toEqual(['waiting', 'waiting', 'waiting'])
    clock.advance(1)
    answer(dispatched(), { answered: 0, contended: busy, commits: 0 })
    expect(await outcomesOf([...writes, late])).toEqual([
      'sqlite-busy not-stored',
      'sqlite-busy not-stored',
      'waiting',
    ])
    expect(await errorOf(writes[0] as PendingWrite)).toMatchObject({
      stage: 'begin',
      retryable: true,
      label: 'notes.add',
    })
    expect(mailbox.takeBatch()?.writes).toEqual([late])
  })

  it('does not stop deadlines and signals from counting (promise 15)', async () => {
    const aborting = new AbortController()
    const overdue = enter('user', { deadlineMs: 100 })
    const aborted = enter('user', { signal: aborting.signal })
    const patient = enter()
    const batch = dispatched()
    clock.advance(101)
    aborting.abort()
    answer(batch, { answered: 0, contended: busy, commits: 0 })
    expect(await outcomesOf([overdue, aborted, patient])).toEqual([
      'deadline-exceeded not-stored',
      'aborted not-stored',
      'waiting',
    ])
  })

  it('lets a more urgent write go first at the next try', () => {
    enter('sync')
    answer(dispatched(), { answered: 0, contended: busy, commits: 0 })
    enter('user', { work: { kind: 'statement', sql: 'the user’s', parameters: undefined } })
    expect(dispatched().texts).toEqual(['the user’s'])
  })
})

/*
 * thread                          desk
 * ------                          ----
 * BEGIN … COMMIT (batch 1)
 * dies before it has answered
 *                                 starts another thread
 * reads the commit record  ──▶    tells what it says
 */
describe('a thread that died', () => {
  it('after COMMIT, before its answer: what is committed is said to be, with its result lost', async () => {
    const writes = [enter(), enter(), enter()]
    const { id } = dispatched()
    newThreadSays({ batch: id, answered: 3, failed: [] })
    expect(await outcomesOf(writes)).toEqual(Array(3).fill('result-lost committed'))
    expect(await errorOf(writes[0] as PendingWrite)).toMatchObject({ stage: 'answer', label: 'notes.add' })
    expect(mailbox.depth).toBe(0)
  })

  it('after a COMMIT of a part: the failed and the unbegun run again, in their order', async () => {
    const writes = [enter(), enter(), enter(), enter()]
    const { id } = dispatched()
    newThreadSays({ batch: id, answered: 3, failed: [1] })
    expect(await outcomesOf(writes)).toEqual([
      'result-lost committed',
      'waiting',
      'result-lost committed',
      'waiting',
    ])
    expect(mailbox.takeBatch()?.writes).toEqual([writes[1], writes[3]])
  })

  it('before COMMIT: everything runs again, before what came later', async () => {
    const writes = [enter(), enter()]
    const { id } = dispatched()
    const later = enter()
    newThreadSays({ batch: id - 1, answered: 2, failed: [] })
    expect(await outcomesOf(writes)).toEqual(['waiting', 'waiting'])
    expect(mailbox.takeBatch()?.writes).toEqual([...writes, later])
  })

  it('twice in the same item: that one is refused as poison, its neighbours run a third time', async () => {
    const [first, poison, last] = [enter(), enter(), enter()]
    for (const waiting of [3, 2]) {
      dispatched()
      control.setRunningItem(1)
      newThreadSays({ batch: 0, answered: 0, failed: [] })
      expect(mailbox.depth).toBe(waiting)
    }
    expect(await outcomesOf([first, poison, last])).toEqual(['waiting', 'thread-lost not-stored', 'waiting'])
    expect(control.runningItem).toBeUndefined()
    expect(mailbox.takeBatch()?.writes).toEqual([first, last])
  })

  it('between two items blames nobody', async () => {
    const writes = [enter(), enter()]
    for (let death = 0; death < 4; death++) {
      dispatched()
      newThreadSays({ batch: 0, answered: 0, failed: [] })
    }
    expect(await outcomesOf(writes)).toEqual(['waiting', 'waiting'])
  })

  it('for the last time: what was under way is unknown, what waited is not stored, both are counted', async () => {
    const [underWay, waiting] = [enter('user', { label: 'a' }), enter('sync')]
    dispatched()
    desk.abandon(new LockkeeperError('Writing has stopped.', { code: 'writer-stopped', stage: 'admission' }))
    expect(await outcomesOf([underWay, waiting])).toEqual([
      'writer-stopped unknown',
      'writer-stopped not-stored',
    ])
    const error = await errorOf(underWay)
    expect(error?.message).toContain('look before repeating it')
    expect(error).toMatchObject({ label: 'a', stage: 'commit' })
    expect(await outcomesOf([enter()])).toEqual(['writer-stopped not-stored'])
    expect(desk.notWritten).toEqual({ user: 1, sync: 1, background: 0 })
  })
})
