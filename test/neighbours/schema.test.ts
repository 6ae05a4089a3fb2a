// Promise 8 where a neighbour changes the schema: statements that were compiled before it are compiled anew without an error,
// on the writer, on every reader and in the app's thread; what is open keeps the schema it began with.
import { type Database, openDatabase, procedures } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ScriptRunner } from './script-runner.ts'

const modules = {
  things: procedures<typeof import('./procedures.ts')>(new URL('./procedures.ts', import.meta.url)),
}

let folder: TemporaryFolder
let file: string
let db: Database<typeof modules>

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  const sql = `create table things (a text, b text); create index things_a on things (a);
    insert into things values ('a1', 'b1'), ('a2', 'b2')`
  db = await openDatabase({
    file,
    migrations: [{ set: 'test', id: 1, name: 'things', sql }],
    procedures: modules,
    readers: { interactive: 2, background: 1 },
    inThreadReader: true,
  })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const all = 'select * from things order by a'
const widened = `alter table things add column c text default 'c'`
const remade = `drop table things; create table things (c text, a text); insert into things values ('c1', 'a1')`

/** Every way to ask, each with its statement compiled on every connection that may get it. */
async function askEverywhere(): Promise<unknown[]> {
  const readers = await Promise.all(Array.from({ length: 8 }, () => db.read(all)))
  const background = await db.read(all, [], { class: 'background' })
  const procedure = await db.call.things.all(undefined)
  return [...readers, background, procedure, db.readSync(all)]
}

const rows = (...expected: object[]) => Array.from({ length: 11 }, () => expected)

describe('after a neighbour has changed the schema', () => {
  it('the next reads have the new columns, wherever they run', async () => {
    await using neighbour = new ScriptRunner(file, [
      widened,
      remade,
      'drop index things_a',
      'drop table things',
    ])
    expect(await askEverywhere()).toEqual(rows({ a: 'a1', b: 'b1' }, { a: 'a2', b: 'b2' }))
    await neighbour.next()
    expect(await askEverywhere()).toEqual(rows({ a: 'a1', b: 'b1', c: 'c' }, { a: 'a2', b: 'b2', c: 'c' }))
    await neighbour.next()
    expect(await askEverywhere()).toEqual(rows({ c: 'c1', a: 'a1' }))
    expect(db.report().reads.failed).toBe(0)
  })

  it('an index that a statement used may be gone', async () => {
    const indexed = `select b from things where a = 'a1'`
    const update = `update things set b = 'B' where a = 'a1' returning *`
    await using neighbour = new ScriptRunner(file, ['drop index things_a'])
    const plan = () => db.read(`explain query plan ${indexed}`)
    expect(JSON.stringify(await plan())).toContain('things_a')
    expect(await db.readColumn(indexed)).toEqual(['b1'])
    expect((await db.write(update)).rows).toEqual([{ a: 'a1', b: 'B' }])
    await neighbour.next()
    expect(JSON.stringify(await plan())).not.toContain('things_a')
    expect(await db.readColumn(indexed)).toEqual(['B'])
    expect((await db.write(update)).rows).toEqual([{ a: 'a1', b: 'B' }])
  })

  it('the next writes meet the new table, with what they return and what its triggers do', async () => {
    const insert = 'insert into things (a) values (?) returning *'
    const trigger = `create trigger twice after insert on things when new.a not like '%again'
      begin insert into things (a) values (new.a || ' again'); end`
    await using neighbour = new ScriptRunner(file, [widened, remade, trigger])
    expect((await db.write(insert, ['x'])).rows).toEqual([{ a: 'x', b: null }])
    await neighbour.next()
    expect((await db.write(insert, ['x'])).rows).toEqual([{ a: 'x', b: null, c: 'c' }])
    expect(await db.call.things.touchAll(undefined)).toBe(4)
    await neighbour.next()
    expect((await db.write(insert, ['y'])).rows).toEqual([{ c: null, a: 'y' }])
    expect(await db.call.things.touchAll(undefined)).toBe(2)
    await neighbour.next()
    await db.write(insert, ['z'])
    expect(await db.readColumn('select a from things order by a')).toEqual(['a1!', 'y!', 'z', 'z again'])
    expect(db.report().lanes.user.failed).toBe(0)
  })

  it('what a neighbour took away is missing with an honest error, and comes back with the table', async () => {
    const again = `create table things (a text); insert into things values ('back')`
    await using neighbour = new ScriptRunner(file, ['drop table things', again])
    await askEverywhere()
    await neighbour.next()
    await expect(db.read(all)).rejects.toMatchObject({ code: 'sqlite-error', stage: 'read' })
    expect(await db.call.things.touchAll(undefined).outcome()).toMatchObject({ outcome: 'not-stored' })
    await neighbour.next()
    expect(await askEverywhere()).toEqual(rows({ a: 'back' }))
    expect(await db.call.things.touchAll(undefined)).toBe(1)
  })
})

describe('while a neighbour changes the schema', () => {
  it('a snapshot keeps the schema and the rows it began with, to its end', async () => {
    await using neighbour = new ScriptRunner(file, [remade])
    const before = [
      { a: 'a1', b: 'b1' },
      { a: 'a2', b: 'b2' },
    ]
    await db.snapshot(async (s) => {
      expect(await s.read(all)).toEqual(before)
      await neighbour.next()
      expect(await s.read(all)).toEqual(before)
      expect(await s.call.things.all(undefined)).toEqual(before)
      expect(await db.read(all)).toEqual([{ c: 'c1', a: 'a1' }])
    })
    expect(await askEverywhere()).toEqual(rows({ c: 'c1', a: 'a1' }))
  })

  it('a stream goes on to its last row as it began', async () => {
    const count = 3_000
    await db.writeMany(
      'insert into things values (?, ?)',
      Array.from({ length: count }, (_, n) => [`s${n}`, 'b']),
      { lane: 'sync' },
    )
    await using neighbour = new ScriptRunner(file, [remade])
    const seen: object[] = []
    for await (const row of db.stream<object>(`select * from things where a like 's%'`)) {
      if (seen.length === 0) await neighbour.next()
      seen.push(row)
    }
    expect(seen).toHaveLength(count)
    expect(new Set(seen.map((row) => Object.keys(row).join()))).toEqual(new Set(['a,b']))
    expect(await askEverywhere()).toEqual(rows({ c: 'c1', a: 'a1' }))
  })
})
