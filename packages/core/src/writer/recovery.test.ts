// Promises 2, 3 and 17 when the writer's thread dies: what is committed stays and is said to be; what is not runs again,
// once; the item that kills is found and refused; reads go on throughout.
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idsOf, type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { restart } from '../limits.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  folder = await temporaryFolder()
  // No slice ends early and no lane is served out of turn, so that what is meant to share a batch or to wait does.
  const lanes = { user: { sliceMs: 60_000 }, sync: { waitMsMax: 60_000 } }
  db = await openNotes(folder.file('a.db'), { lanes })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const add = (id: number) => db.call.notes.add({ id, body: `note ${id}` })
const insert = (id: number, lane: 'user' | 'sync' = 'user') =>
  db.write('insert into notes (id) values (?)', [id], { lane })

describe('a write that ends its thread', () => {
  it('is refused after two deaths; its neighbours and the queued are committed, once each', async () => {
    const neighbours = [insert(1), add(2)]
    const culprit = db.call.notes.die({ id: 3, body: 'deadly' })
    const others = [insert(4), insert(5, 'sync'), insert(6, 'sync')]
    const settled = await Promise.all([...neighbours, ...others].map((ticket) => ticket.outcome()))
    expect(settled.map(({ outcome }) => outcome)).toEqual(Array(5).fill('committed'))
    expect(settled.every((ended) => 'result' in ended)).toBe(true)
    expect(await culprit.outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'thread-lost', stage: 'execute', label: 'notes.die', retryable: false },
    })
    expect(await idsOf(db)).toEqual([1, 2, 4, 5, 6])
    expect(db.report().restarts.writer).toBe(2)
  })

  it('is stored if it only does so once, and so are its neighbours', async () => {
    const flag = new SharedArrayBuffer(4)
    const tickets = [insert(1), db.call.notes.dieOnce({ id: 2, body: 'b', flag }), insert(3)]
    await Promise.all(tickets)
    expect(await idsOf(db)).toEqual([1, 2, 3])
    expect(db.report().restarts.writer).toBe(1)
  })

  it('after COMMIT and before the answer is committed, with its result lost, and so are its neighbours', async () => {
    const tickets = [insert(1), db.call.notes.dieAnswering({ id: 2, body: 'b' }), insert(3)]
    const outcomes = await Promise.all(tickets.map((ticket) => ticket.outcome()))
    expect(outcomes).toMatchObject(
      tickets.map(() => ({
        outcome: 'committed',
        error: { code: 'result-lost', stage: 'answer', outcome: 'committed', retryable: false },
      })),
    )
    expect(await idsOf(db)).toEqual([1, 2, 3])
    expect(await add(4)).toBe(1)
  })
})

describe('a thread that dies with nothing under way', () => {
  it('is replaced, is told of, and the next write is stored', async () => {
    const restarted = gate<LockkeeperError>()
    db.on('thread-restarted', ({ cause }) => restarted.open(cause))
    expect(await db.call.notes.dieLater({ id: 1, body: 'a' })).toBe(1)
    expect(await restarted.opened).toMatchObject({
      code: 'thread-lost',
      message: expect.stringContaining('exit code 7'),
    })
    expect(await add(2)).toBe(1)
    expect(await idsOf(db)).toEqual([1, 2])
  })

  it('does not lose writes that are sent while there is no thread', async () => {
    const lost = gate()
    db.on('thread-restarted', () => lost.open())
    await db.call.notes.dieLater({ id: 1, body: 'a' })
    await lost.opened
    const tickets = [insert(2), insert(3, 'sync'), insert(4)]
    await Promise.all(tickets)
    expect(await idsOf(db)).toEqual([1, 2, 3, 4])
  })
})

describe('a writer whose threads die too often', () => {
  it('goes on as long as each has done some work: poison writes with good ones between them stop nothing', async () => {
    const rounds = Array.from({ length: restart.timesMax }, (_, n) => n)
    for (const n of rounds) {
      const ended = await db.call.notes.die({ id: 1_000 + n, body: `killer ${n}` }).outcome()
      expect(ended).toMatchObject({ outcome: 'not-stored', error: { code: 'thread-lost' } })
      expect(await add(n)).toBe(1)
    }
    expect(db.report().restarts.writer).toBe(rounds.length * 2)
    expect(await idsOf(db)).toEqual(rounds)
  })

  it('stops for good, says so, and leaves the readers alone', async () => {
    const stopped = gate<LockkeeperError>()
    db.on('writer-stopped', stopped.open)
    await add(1)
    const killers = [1, 2, 3].map((n) => db.call.notes.die({ id: n * 10, body: `killer ${n}` }))
    const waiting = insert(99, 'sync')
    expect(await stopped.opened).toMatchObject({
      code: 'writer-stopped',
      cause: { code: 'thread-lost', message: expect.stringContaining('exit code 7') },
    })
    const told = await Promise.all([...killers, waiting].map((ticket) => ticket.outcome()))
    expect(told.map((ended) => ('error' in ended ? `${ended.error.code} ${ended.outcome}` : ended))).toEqual([
      'thread-lost not-stored',
      'thread-lost not-stored',
      'writer-stopped unknown',
      'writer-stopped not-stored',
    ])
    expect(db.report().restarts.writer).toBe(restart.timesMax + 1)
    await until('the database is degraded', () => db.report().states.database === 'degraded')

    const refused = await insert(5).outcome()
    expect(refused).toMatchObject({ outcome: 'not-stored', error: { code: 'writer-stopped' } })
    expect('error' in refused && refused.error.message).toContain('Reads go on; close and open')
    expect(await idsOf(db)).toEqual([1])
    expect(await db.call.notes.list()).toEqual([{ id: 1, body: 'note 1' }])

    expect(await db.close()).toEqual({ notWritten: { user: 1, sync: 1, background: 0 } })
    db = await openNotes(folder.file('a.db'))
    expect(await add(2)).toBe(1)
    expect(await idsOf(db)).toEqual([1, 2])
  })
})
