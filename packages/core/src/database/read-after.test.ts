// Promise 8: a read that asks to come after a write sees it, takes no reader while it waits, and what it waits for is promoted.
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { type ThreadGate, threadGate } from '../../fixtures/thread-gate.ts'
import type { ReadOptions } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase
const gates: ThreadGate[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), {
    readers: { interactive: 1, background: 1 },
    lanes: { background: { capacity: 4, waitMsMax: 60_000 } },
  })
})

afterEach(async () => {
  for (const held of gates.splice(0)) held.open()
  await db.write('delete from notes')
  expect(db.report().reads.waiting).toBe(0)
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id, body) values (?, ?)'
const count = 'select count(*) from notes'

const reads: readonly (readonly [string, (options: ReadOptions) => Promise<unknown>])[] = [
  ['readValue', (options) => db.readValue(count, [], options)],
  ['read', async (options) => (await db.read('select * from notes', [], options)).length],
  [
    'readFirst',
    async (options) => (await db.readFirst<{ n: number }>('select count(*) as n from notes', [], options))?.n,
  ],
  ['readColumn', async (options) => (await db.readColumn('select id from notes', [], options)).length],
  ['readArrays', async (options) => (await db.readArrays('select id from notes', [], options)).length],
  ['a procedure', async (options) => (await db.call.notes.list(undefined, options)).length],
  ['a snapshot', (options) => db.snapshot((s) => s.readValue(count), options)],
  [
    'a stream',
    async (options) => {
      let seen = 0
      for await (const _ of db.stream('select id from notes', [], options)) seen++
      return seen
    },
  ],
]

/** Keeps the writer busy in the user lane until the gate opens. */
async function busyWriter() {
  const held = threadGate()
  gates.push(held)
  const ticket = db.call.notes.addWhenOpen({ id: 1_000, body: 'held', gate: held.buffer })
  await Promise.race([held.reached, ticket])
  return { ticket, open: () => held.open() }
}

describe.each(reads)('%s', (_, read) => {
  it('sees the write that it comes after, and leaves the only reader to others meanwhile', async () => {
    const writer = await busyWriter()
    const reading = read({ after: writer.ticket })
    expect(await db.readValue(count)).toBe(0)
    expect(await db.snapshot((s) => s.readValue(count))).toBe(0)
    expect(db.report().readers.interactive.waiting).toBe(1)
    writer.open()
    expect(await reading).toBe(1)
  })

  it('comes after writes that have ended already, well or not', async () => {
    const ticket = db.write(insert, [1, 'a'])
    await ticket
    const failing = db.write(insert, [1, 'a'])
    await failing.outcome()
    expect(await read({ after: ticket })).toBe(1)
    expect(await read({ after: failing })).toBe(1)
    const alsoFailing = db.write(insert, [1, 'a'])
    void alsoFailing.outcome()
    expect(await read({ after: alsoFailing })).toBe(1)
  })

  it('ends at its deadline, which counts from the call, and at its signal', async () => {
    const writer = await busyWriter()
    await expect(read({ after: writer.ticket, deadlineMs: 10 })).rejects.toMatchObject({
      code: 'deadline-exceeded',
      stage: 'read',
    })
    const aborting = new AbortController()
    const reading = read({ after: writer.ticket, signal: aborting.signal })
    reading.catch(() => {})
    await until('it waits', () => db.report().readers.interactive.waiting === 1)
    aborting.abort()
    await expect(reading).rejects.toMatchObject({ code: 'aborted', stage: 'read' })
    expect(db.report().readers.interactive.waiting).toBe(0)
    writer.open()
    await writer.ticket
    expect(await read({})).toBe(1)
  })
})

it.each([{}, null, 5, Promise.resolve()])('%j is nothing to come after', async (after) => {
  for (const [, read] of reads) {
    await expect(read({ after: after as never })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('after is the ticket of a write'),
    })
  }
})

it('whatever tells when it is settled can be waited for, and is told that somebody waits', async () => {
  const settled = gate()
  let promoted = 0
  const pending = {
    whenSettled: (callback: () => void) => void settled.opened.then(callback),
    promote: () => promoted++,
  }
  const reading = db.readValue('select 1', [], { after: pending })
  expect(promoted).toBe(1)
  settled.open()
  expect(await reading).toBe(1)
})

/*
 * user lane            background lane        app
 * ---------            ---------------        ---
 * held at a gate
 *                      b (of a minute's patience)
 *                                             user writes, one after the other, without end
 *                                             read after b
 *                                             opens the gate
 * some users
 *                      b, out of turn
 *                                             the read is answered; the users end
 */
it('a write in a lower lane is promoted: users that never cease do not keep the read waiting', async () => {
  const writer = await busyWriter()
  const b = db.write(insert, [1, 'b'], { lane: 'background' })
  let answered = false
  let id = 10
  const users = Array.from({ length: 4 }, async () => {
    while (!answered) await db.write(insert, [++id, `user ${id}`])
  })
  const reading = db.readValue('select body from notes where id = 1', [], { after: b }).finally(() => {
    answered = true
  })
  writer.open()
  expect(await reading).toBe('b')
  await Promise.all(users)
})

it('a read whose write was refused by a full lane is answered like any other', async () => {
  const writer = await busyWriter()
  const tickets = Array.from({ length: 6 }, (_, n) => db.write(insert, [n, `b${n}`], { lane: 'background' }))
  const outcomes = tickets.map((ticket) => ticket.outcome())
  const readings = tickets.map((after) => db.readValue(count, [], { after }))
  expect(await Promise.all(readings.slice(4))).toEqual([0, 0])
  writer.open()
  expect(await Promise.all(readings.slice(0, 4))).toEqual([5, 5, 5, 5])
  expect((await Promise.all(outcomes)).map(({ outcome }) => outcome)).toEqual([
    ...Array.from({ length: 4 }, () => 'committed'),
    'not-stored',
    'not-stored',
  ])
})

it('closing ends those that wait for a write, and waits for the write', async () => {
  const other = await openNotes(folder.file('b.db'), { readers: { interactive: 1 } })
  const held = threadGate()
  const ticket = other.call.notes.addWhenOpen({ id: 1, body: 'held', gate: held.buffer })
  void ticket.outcome()
  await held.reached
  const waiting = [
    other.readValue(count, [], { after: ticket }),
    other.snapshot((s) => s.readValue(count), { after: ticket }),
    other.stream(count, [], { after: ticket }).next(),
  ]
  const told = waiting.map((reading) =>
    expect(reading).rejects.toMatchObject({ code: 'closed', stage: 'read' }),
  )
  const closing = other.close()
  await Promise.all(told)
  held.open()
  await closing
  expect(await ticket).toBe(1)
})
