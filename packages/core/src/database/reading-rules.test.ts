// Promises 1 and 9 on the read side: savepoint-style code that reads works where a transaction is open that somebody else ends,
// and nothing that a reader is told to run ends that transaction, or outlives it.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Snapshot } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { readers: { interactive: 1 } })
  await db.write("insert into notes (id, body) values (1, 'a')")
})

afterEach(async () => {
  await db.write('delete from notes where id > 1')
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const count = 'select count(*) from notes'

describe('a savepoint in a snapshot', () => {
  it.each([
    ['savepoint a', 'release a'],
    ['SAVEPOINT "a b"', 'release savepoint "a b"'],
    ['/* mine */ savepoint a -- begin', ';; rollback to a'],
    ['savepoint a', 'rollback transaction to savepoint a'],
    ['savepoint a', 'ROLLBACK/**/TO/**/a'],
  ])('%j … %j is run, yields no rows, and keeps the state that is read', async (set, leave) => {
    await db.snapshot(async (s) => {
      expect(await s.read(set)).toEqual([])
      await db.write('insert into notes (id) values (2)')
      expect(await s.readFirst(leave)).toBeUndefined()
      expect(await s.readValue(count)).toBe(1)
    })
    expect(await db.readValue(count)).toBe(2)
  })

  it('is asked for in whatever shape, and shares messages with queries', async () => {
    const answers = await db.snapshot((s) =>
      Promise.all([
        s.readArrays('savepoint a'),
        s.readColumn('select id from notes'),
        s.readColumn('savepoint b'),
        s.readValue('rollback to a'),
        s.readArrays(count),
      ]),
    )
    expect(answers).toEqual([[], [1], [], undefined, [[1]]])
  })

  it('left open ends with the snapshot: the reader comes back clean, and its next reads are refused them', async () => {
    await db.snapshot(async (s) => {
      await s.read('savepoint a')
      await s.read('savepoint b')
    })
    await db.write('insert into notes (id) values (2)')
    expect(await db.readValue(count)).toBe(2)
    await expect(db.read('release a')).rejects.toMatchObject({ code: 'statement-refused' })
    expect(db.report()).toMatchObject({
      restarts: { readers: 0 },
      readers: { retired: { alive: 0, byLabel: {} } },
    })
  })

  it('that is not there is SQLite’s own error, and the snapshot goes on', async () => {
    const reading = db.snapshot(async (s) => {
      await expect(s.read('release nothing')).rejects.toMatchObject({ code: 'sqlite-error' })
      return s.readValue(count)
    })
    expect(await reading).toBe(1)
  })

  it('set before, in one, is refused after it: what was prepared there is not kept', async () => {
    for (let round = 0; round < 3; round++) {
      await db.snapshot((s) => s.read('savepoint a'))
      await expect(db.read('savepoint a')).rejects.toMatchObject({
        code: 'statement-refused',
        stage: 'read',
        message: expect.stringContaining('read inside snapshot()'),
      })
    }
  })
})

it.each(['savepoint a', 'release a', 'rollback to a', 'rollback transaction to a'])(
  '%j is refused outside a snapshot, with a hint, to reads and streams',
  async (sql) => {
    const refusal = {
      code: 'statement-refused',
      stage: 'read',
      message: expect.stringContaining('read inside snapshot()'),
    }
    await expect(db.read(sql)).rejects.toMatchObject(refusal)
    await expect(db.stream(sql).next()).rejects.toMatchObject(refusal)
    expect(await db.readValue(count)).toBe(1)
  },
)

describe('inside a snapshot', () => {
  const forbidden = [
    'rollback',
    'ROLLBACK;',
    'rollback transaction',
    'rollback transaction to_x',
    'rollback transaction to$',
    'rollback transaction toé',
    'rollback transaction to1',
    'rollback transaction a',
    'rollback transaction "to" ',
    'rollback /* to a */',
    'rollback -- to a',
    'commit',
    ';/**/commit',
    'commit transaction to_x',
    'end',
    'begin',
    'begin immediate',
    'insert into notes (id) values (3)',
    'with a as (select 4) insert into notes (id) select * from a',
    'create temp table t (a)',
    'pragma query_only = 0',
    "attach ':memory:' as b",
    'vacuum',
    '',
  ]

  it.each(forbidden)('%j is refused as anywhere', async (sql) => {
    await expect(db.snapshot((s) => s.read(sql))).rejects.toMatchObject({ code: 'statement-refused' })
  })

  it('nothing of that ends its transaction: the state stays', async () => {
    const stillThere = async (s: Snapshot): Promise<void> => {
      await db.write('insert into notes (id) values (5)')
      for (const sql of [
        ...forbidden,
        'rollback; to a',
        'rollback transaction to',
        'rollback to',
        'savepoint',
      ]) {
        await expect(s.read(sql), sql).rejects.toMatchObject({ code: expect.any(String) })
        expect(await s.readValue(count), sql).toBe(1)
      }
    }
    await db.snapshot(stillThere)
  })
})

it('a connection that writes is refused savepoints, whatever is open', () => {
  const writer = betterSqlite3.openWriter(folder.file('b.db'), { busyMs: 0 })
  writer.script('begin')
  for (const sql of ['savepoint a', 'release a', 'rollback to a'])
    expect(() => writer.prepare(sql)).toThrow(expect.objectContaining({ code: 'statement-refused' }))
  writer.script('rollback')
  writer.close()
})
