// Promise 3 where an answer is hard to give: a result that cannot be sent, an error out of a thread, a call after closing.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

beforeEach(() => db.write('delete from notes').outcome())

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id, body) values (?, ?)'

describe('an answer that cannot be sent', () => {
  it.each(['answerFunction', 'answerCycle'] as const)(
    'leaves the write committed, and says so (%s)',
    async (name) => {
      const before = db.write(insert, [100, 'before'])
      const ended = await db.call.notes[name]({ id: 1, body: 'a' }).outcome()
      expect(ended).toMatchObject({
        outcome: 'committed',
        error: { code: 'result-lost', stage: 'answer', outcome: 'committed', label: `notes.${name}` },
      })
      await before
      expect(await db.readColumn('select id from notes order by id')).toEqual([1, 100])
    },
  )
})

describe('an error out of a thread', () => {
  it('is whole: code, stage, outcome, label, cause with its code, and the stack of where it was thrown', async () => {
    await db.write(insert, [1, 'a'])
    const ended = await db.call.notes.add({ id: 1, body: 'b' }).outcome()
    if (!('error' in ended)) throw new Error('It was stored')
    expect(ended.error).toMatchObject({
      name: 'LockkeeperError',
      code: 'sqlite-constraint-primarykey',
      stage: 'execute',
      outcome: 'not-stored',
      label: 'notes.add',
      retryable: false,
    })
    const cause = ended.error.cause as Error & { code: string }
    expect([cause.name, cause.code]).toEqual(['SqliteError', 'SQLITE_CONSTRAINT_PRIMARYKEY'])
    expect(cause.stack).toContain('notes-procedures.ts')
    const refused = await db.call.notes.change('commit').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'statement-refused', outcome: 'not-stored', label: 'notes.change' })
    expect((refused as LockkeeperError).stack).toContain('notes-procedures.ts')
    const thrown = await db.call.notes.addAndThrow({ id: 5, body: 'c' }).catch((error: unknown) => error)
    expect((thrown as LockkeeperError).cause).toMatchObject({
      name: 'RangeError',
      message: 'changed my mind',
    })
  })
})

describe('after closing', () => {
  it('every call is refused as closed, and closing again says the same', async () => {
    const closing = await openNotes(folder.file('b.db'))
    const report = await closing.close()
    const refused = [
      closing.write(insert, [1, 'a']),
      closing.writeAtomic(['delete from notes']),
      closing.call.notes.add({ id: 1, body: 'a' }),
    ]
    for (const ticket of refused) {
      expect(await ticket.outcome()).toMatchObject({ outcome: 'not-stored', error: { code: 'closed' } })
    }
    for (const read of [closing.read('select 1'), closing.readValue('select 1'), closing.call.notes.list()]) {
      await expect(read).rejects.toMatchObject({ code: 'closed', stage: 'read' })
    }
    expect(await closing.close()).toBe(report)
  })
})
