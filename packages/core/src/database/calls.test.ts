// The typed calls of an app's procedures: writes answer with tickets, reads with promises, and each has its name as its label.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { Note } from '../../fixtures/notes-procedures.ts'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { ProcedureReference } from '../procedures/reference.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

describe('db.call', () => {
  it('has the procedures with their own types', () => {
    expectTypeOf(db.call.notes.add).returns.toEqualTypeOf<Ticket<number>>()
    expectTypeOf(db.call.notes.add).parameter(0).toEqualTypeOf<Note>()
    expectTypeOf(db.call.notes.list).returns.toEqualTypeOf<Promise<Note[]>>()
    expectTypeOf(db.call.notes.list).parameter(0).toEqualTypeOf<undefined>()
    expectTypeOf(db.call.notes).not.toHaveProperty('schema')
  })

  it('carries input and output as they are, bytes as Buffers', async () => {
    expect(
      await db.call.notes.addAll([
        { id: 1, body: 'é' },
        { id: 2, body: 'b' },
      ]),
    ).toBe(2)
    expect(await db.call.notes.list()).toEqual([
      { id: 1, body: 'é' },
      { id: 2, body: 'b' },
    ])
    const echoed = await db.call.notes.echo({ bytes: Buffer.from('abc'), deep: [new Map([['a', 1n]])] })
    expect(echoed).toEqual({ bytes: Buffer.from('abc'), deep: [new Map([['a', 1n]])] })
    expect(Buffer.isBuffer((echoed as { bytes: unknown }).bytes)).toBe(true)
  })

  it('labels a call with its procedure’s name, unless it is given another', async () => {
    const [own, given] = await Promise.all([
      db.call.notes.add({ id: 1, body: 'again' }).outcome(),
      db.call.notes.add({ id: 1, body: 'again' }, { label: 'notes.import' }).outcome(),
    ])
    expect(own).toMatchObject({ error: { label: 'notes.add' } })
    expect(given).toMatchObject({ error: { label: 'notes.import' } })
  })
})

describe('db.procedure', () => {
  it('hands a writing procedure on by name, ready to be called', async () => {
    const reference = db.procedure.notes.add
    expectTypeOf(reference).toEqualTypeOf<ProcedureReference<Note, number>>()
    expect(reference.name).toBe('notes.add')
    expect(await reference.call({ id: 7, body: 'by reference' })).toBe(1)
  })

  it('has no reading ones', () => {
    expect(db.procedure.notes).not.toHaveProperty('list')
    expectTypeOf(db.procedure.notes).not.toHaveProperty('list')
  })
})
