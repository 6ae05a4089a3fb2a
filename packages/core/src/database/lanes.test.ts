// Promises 4, 5 and 12 with real threads: who shares a transaction, who passes, and who is let in.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { idsOf, type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id) values (?)'

it('what arrives while a batch runs shares the next one', async () => {
  const gate = threadGate()
  const held = db.call.notes.addWhenOpen({ id: 1_000, body: 'held', gate: gate.buffer })
  void held.outcome()
  await gate.reached
  const { batches } = db.report()
  const tickets = Array.from({ length: 500 }, (_, id) => db.write(insert, [id]))
  gate.open()
  await Promise.all([held, ...tickets])
  // The held one, and one for all the others; a slow machine may need a slice or two more for them.
  expect(db.report().batches - batches).toBeLessThan(10)
})

// background batch   [ held at the gate | b1 | b2 | … ]
// app                  user write enters
//                      the gate opens: the batch commits what it has, b1 … go back to the front of their lane
// next batch           [ user ]
// next batch           [ b1 | b2 | … ]
it('a user write passes a background batch after its current item, and the rest follows in order', async () => {
  const gate = threadGate()
  const order: string[] = []
  const note = (name: string, ticket: PromiseLike<unknown>): PromiseLike<void> =>
    ticket.then(() => {
      order.push(name)
    })
  const held = db.call.notes.addWhenOpen(
    { id: 1_000, body: 'held', gate: gate.buffer },
    { lane: 'background' },
  )
  const background = [1, 2, 3].map((id) => db.write(insert, [id], { lane: 'background' }))
  const all = [note('held', held), ...background.map((ticket, index) => note(`b${index + 1}`, ticket))]
  await gate.reached
  all.push(note('user', db.write(insert, [10])))
  gate.open()
  await Promise.all(all)
  expect(order).toEqual(['held', 'user', 'b1', 'b2', 'b3'])
  expect(await idsOf(db)).toEqual([1, 2, 3, 10, 1_000])
})

it('an indivisible item that outlasts its slice is counted and named', async () => {
  const gate = threadGate()
  await db.close()
  db = await openNotes(folder.file('a.db'), { lanes: { background: { sliceMs: 0 } } })
  const held = db.call.notes.addWhenOpen(
    { id: 1, body: 'held', gate: gate.buffer },
    { lane: 'background', label: 'notes.slow' },
  )
  void held.outcome()
  await gate.reached
  gate.open()
  await held
  expect(db.report().overstays['notes.slow']).toMatchObject({ count: 1 })
})

it('every bound of a lane can be set, and nonsense is refused', async () => {
  await db.close()
  const open = (lanes: object) => openNotes(folder.file('a.db'), { lanes })
  for (const lanes of [
    { urgent: {} },
    { user: { capacity: 0 } },
    { sync: { sliceMs: -1 } },
    { sync: { waitMsMax: Number.NaN } },
    { background: { overflow: 'explode' } },
    { background: { waitersMax: 1.5 } },
  ]) {
    await expect(open(lanes)).rejects.toMatchObject({ code: 'invalid-argument', stage: 'open' })
  }
  db = await open({ user: { capacity: 1, overflow: 'reject' } })
  const outcomes = await Promise.all([1, 2, 3].map((id) => db.write(insert, [id]).outcome()))
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['committed', 'not-stored', 'not-stored'])
})
