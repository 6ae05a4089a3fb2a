// Design, section 10: each wait is charged to the labels that held the lock meanwhile. The writer's thread is played.
import { beforeEach, expect, it } from 'vitest'
import { PlayedWriter } from '../../fixtures/played-writer.ts'
import type { LaneName } from '../mailbox/lane-name.ts'

let played: PlayedWriter

beforeEach(() => {
  played = new PlayedWriter()
})

const enter = (label: string, lane: LaneName = 'user') => played.enter(lane, { label })

/** The batch under way takes so long, and holds the lock so long of that. */
async function run(tookMs: number, heldMs: number, times: number[] = [heldMs]): Promise<void> {
  played.clock.advance(tookMs)
  played.answer(played.lastBatch(), { heldMs, times: new Float64Array(times) })
  await played.turn()
}

/** `waiter < holder` with the time. */
const blocked = (): Record<string, number> =>
  Object.fromEntries(
    played.ledger.writes.blocked().map(({ waiter, holder, waitedMs }) => [`${waiter} < ${holder}`, waitedMs]),
  )

/*
 * time       0         10                 90  110
 * lock       (app)     blobs ──────────────┤(app)
 * blobs      waits ────┤
 * connect                   60 waits ──────────┤
 */
it('a victim is charged to its holder, and to the app for what its messages took', async () => {
  enter('blobs', 'sync')
  played.clock.advance(10)
  played.desk.dispatch()
  played.clock.advance(50)
  enter('connect')
  await run(50, 80)
  await run(1, 1)
  expect(blocked()).toEqual({
    'blobs < (app)': 10,
    'connect < blobs': 40,
    'connect < (app)': 10,
  })
})

it('where a batch has several labels, each is charged by its own time, and by its part of the commit', async () => {
  enter('long')
  enter('short')
  played.desk.dispatch()
  enter('waiter', 'background')
  await run(10, 10, [6, 2])
  expect(blocked()).toEqual({ 'waiter < long': 7, 'waiter < short': 3 })
})

it('what came back for want of time waited for those before it in its batch', async () => {
  enter('first', 'sync')
  enter('second', 'sync')
  played.desk.dispatch()
  played.clock.advance(8)
  played.answer(played.lastBatch(), { answered: 1, heldMs: 8, times: new Float64Array([8, 0]) })
  await played.turn()
  await run(2, 2)
  expect(blocked()).toEqual({ 'second < first': 8 })
  const second = played.ledger.writes.report(10).find(({ label }) => label === 'second')
  expect(second).toMatchObject({ retried: 1, queueWait: { count: 1, totalMs: 8 }, lockShare: 0.2 })
})

it('a lane that is held back waits for the log, and a batch behind a checkpoint for that', async () => {
  played.mailbox.restraint.hold()
  enter('index', 'background')
  played.clock.advance(30)
  played.mailbox.restraint.letGo()
  played.desk.dispatch()
  enter('seen', 'background')
  played.clock.advance(20)
  played.ledger.writes.checkpointed(15)
  await run(5, 5)
  expect(blocked()).toEqual({
    'index < (log)': 30,
    'seen < (checkpoint)': 15,
    'seen < index': 5,
    'seen < (app)': 5,
  })
})

it('until a thread is ready, writes wait for it', () => {
  played.desk.connect(undefined)
  enter('early')
  played.clock.advance(40)
  played.newThreadSays({ batch: 0, answered: 0, failed: [] })
  expect(blocked()).toEqual({ 'early < (writer)': 40 })
})

it('labels past the bound are charged together', () => {
  for (let n = 0; n < 150; n++) enter(`label ${n}`)
  played.clock.advance(1)
  const waiters = new Set(played.ledger.writes.blocked().map(({ waiter }) => waiter))
  expect(waiters.size).toBe(101)
  expect(blocked()['other < (app)']).toBe(50)
  const rows = played.ledger.writes.report(1)
  expect(rows).toHaveLength(101)
  expect(rows.find(({ label }) => label === 'other')?.admitted).toBe(50)
})
