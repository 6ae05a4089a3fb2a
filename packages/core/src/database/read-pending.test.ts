// Promise 8: a read may ask to see what a coalescer holds back for a key; that is flushed then, and the read takes no reader
// before.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Note } from '../../fixtures/notes-procedures.ts'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { type Coalescer, coalescer } from '../coalescing/index.ts'

let folder: TemporaryFolder
let db: NotesDatabase
let notes: Coalescer<Note>

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { readers: { interactive: 1 } })
  // By age nothing would be flushed within this test.
  notes = coalescer<Note>(db, {
    name: 'notes-writer',
    key: ({ id }) => String(id),
    flush: db.procedure.notes.addAll as never,
    ageMsMax: 600_000,
  })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const bodyOf = (id: number) =>
  db.readValue('select body from notes where id = ?', [id], { after: notes.pending(String(id)) })

it('a read after a pending key sees the value, long before its age', async () => {
  notes.offer({ id: 1, body: 'old' })
  notes.offer({ id: 1, body: 'new' })
  expect(await db.readValue('select count(*) from notes')).toBe(0)
  expect(await bodyOf(1)).toBe('new')
  expect(notes.counts).toMatchObject({ held: 0, inFlight: 0, flushes: 1 })
})

it('a key of which nothing is held is read at once, and nothing is flushed', async () => {
  notes.offer({ id: 1, body: 'held' })
  expect(await bodyOf(2)).toBeUndefined()
  expect(notes.counts).toMatchObject({ held: 1, flushes: 0 })
})

it('it waits without a reader, and sees a value that was in flight already', async () => {
  const gate = threadGate()
  const busy = db.call.notes.addWhenOpen({ id: 9, body: 'busy', gate: gate.buffer })
  void busy.outcome()
  await gate.reached
  notes.offer({ id: 1, body: 'in flight' })
  const flushed = notes.flush()
  const seen = bodyOf(1)
  // The only reader is free meanwhile.
  expect(await db.readValue('select 7')).toBe(7)
  gate.open()
  expect(await seen).toBe('in flight')
  await flushed
  await busy
})
