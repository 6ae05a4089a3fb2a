// Promise 8 in the app's thread: a read sees what was acknowledged. It answers as the readers' threads do, and refuses what they
// refuse.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { counting } from '../../fixtures/runaway-procedures.ts'
import type { ErrorCode } from '../errors/codes.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { SlowInThreadRead } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), {
    inThreadReader: { warnAfterMs: 0 },
    connection: new URL('../../fixtures/connection-setup.ts', import.meta.url),
  })
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

describe('a read after an acknowledged write', () => {
  it('sees it, every time, whichever way it was written', async () => {
    await db.write('create table seen (n integer) strict')
    for (let n = 1; n <= 200; n++) {
      await db.write('insert into seen values (?)', [n], { lane: n % 2 === 0 ? 'user' : 'sync' })
      expect(db.readValueSync('select max(n) from seen')).toBe(n)
    }
    await db.writeAtomic(['delete from seen', 'insert into seen values (7)'])
    expect(db.readColumnSync('select n from seen')).toEqual([7])
  })

  it('sees a changed schema too: each value under its own name', async () => {
    await db.write('create table t (a, b)')
    await db.write("insert into t values ('a', 'b')")
    const all = (): unknown[] => [
      db.readSync('select * from t'),
      db.readFirstSync('select * from t'),
      db.readArraysSync('select * from t'),
    ]
    expect(all()).toEqual([[{ a: 'a', b: 'b' }], { a: 'a', b: 'b' }, [['a', 'b']]])
    await db.writeAtomic(['drop table t', 'create table t (b, c, a)', "insert into t values ('b', 'c', 'a')"])
    expect(all()).toEqual([[{ b: 'b', c: 'c', a: 'a' }], { b: 'b', c: 'c', a: 'a' }, [['b', 'c', 'a']]])
    await db.write('alter table t rename column a to d')
    await db.write('alter table t drop column b')
    expect(all()).toEqual([[{ c: 'c', d: 'a' }], { c: 'c', d: 'a' }, [['c', 'a']]])
  })

  it('never sleeps for a lock', () => {
    expect(db.readValueSync('select timeout from pragma_busy_timeout')).toBe(0)
  })
})

const queries: Readonly<Record<string, readonly [sql: string, parameters?: SqlParameters]>> = {
  'values of every type': [
    "select null as n, 1 as i, 1.5 as r, 'ä' as t, x'0001ff' as b, x'' as e union all select 1, 2, 3, 4, 5, 6",
  ],
  'what is bound': ['select ? as n, ? as i, ? as r, ? as t, ? as b', [null, 7, 0.5, '☃', Buffer.from('abc')]],
  'what is bound by name': ['select :a as a, $b as b', { a: 1, b: new Uint8Array([1, 2]) }],
  'an integer given as bigint, exactly where it is read as text': [
    'select ? as n, cast(? as text) as t',
    [7n, 9_007_199_254_740_993n],
  ],
  'columns of the same name': ['select 1 as a, 2 as a, 3 as b'],
  'no rows': ['select 1 as a where false'],
  values: ['values (1, 2), (3, 4)'],
  'a table of ours': ['select "set", name from lockkeeper_migrations'],
  'the app’s own functions': ["select role() as role, shout('a') as loud, product(2) as n"],
  'what EXPLAIN says': ['explain query plan select * from notes'],
}

describe('the answer', () => {
  it.each(Object.entries(queries))('of %s is that of a reader’s thread', async (_, [sql, parameters]) => {
    expect(db.readSync(sql, parameters)).toStrictEqual(await db.read(sql, parameters))
    expect(db.readFirstSync(sql, parameters)).toStrictEqual(await db.readFirst(sql, parameters))
    expect(db.readValueSync(sql, parameters)).toStrictEqual(await db.readValue(sql, parameters))
    expect(db.readColumnSync(sql, parameters)).toStrictEqual(await db.readColumn(sql, parameters))
    expect(db.readArraysSync(sql, parameters)).toStrictEqual(await db.readArrays(sql, parameters))
  })

  it('has Buffers for bytes, and bytes of its own', () => {
    const sql = "select x'0102' as b"
    const [first, second] = [db.readValueSync<Buffer>(sql), db.readValueSync<Buffer>(sql)]
    expect([Buffer.isBuffer(first), Buffer.isBuffer(db.readFirstSync<{ b: Buffer }>(sql)?.b)]).toEqual([
      true,
      true,
    ])
    first?.fill(0)
    expect([...(second ?? [])]).toEqual([1, 2])
  })
})

/** What a caller without types could pass. */
const anything = (value: unknown) => value as never
const label = 'notes.peek'
const bad: readonly (readonly [string, (() => unknown) | string, ErrorCode, string])[] = [
  ['a change', 'insert into notes (id) values (99)', 'statement-refused', 'use write()'],
  [
    'a change that begins with WITH',
    'with a as (select 1) delete from notes',
    'statement-refused',
    'use write()',
  ],
  ['a change that returns rows', 'delete from notes returning id', 'statement-refused', 'use write()'],
  ['a change of the schema', 'drop table notes', 'statement-refused', 'use write()'],
  ['a change of our tables', 'delete from lockkeeper_migrations', 'statement-refused', 'use write()'],
  ['a temporary table', 'create temp table t (a)', 'statement-refused', 'use write()'],
  ['a transaction', 'begin', 'statement-refused', 'writeAtomic() or a procedure'],
  ['a transaction’s end behind a comment', ';/*x*/commit', 'statement-refused', 'commits before it answers'],
  ['a pragma', 'pragma query_only = 0', 'statement-refused', 'pragma_table_info'],
  ['a pragma to be explained', 'explain pragma query_only = 0', 'statement-refused', 'pragma_table_info'],
  ['an attached database', "attach ':memory:' as a", 'statement-refused', 'openDatabase()'],
  ['VACUUM', 'vacuum', 'statement-refused', 'inside a transaction'],
  ['several statements', 'select 1; select 2', 'invalid-argument', 'more than one statement'],
  ['an empty text', '', 'statement-refused', 'An empty statement'],
  ['SQL that does not parse', 'select from', 'sqlite-error', 'syntax error'],
  ['too few parameters', 'select ?', 'invalid-argument', 'one value per placeholder'],
  [
    'no SQL',
    () => db.readSync(anything(undefined), [], { label }),
    'invalid-argument',
    'the SQL is a string',
  ],
  [
    'a compiled query without SQL',
    () => db.readSync(anything({ sql: 1, parameters: [] }), { label }),
    'invalid-argument',
    'the SQL is a string',
  ],
  [
    'a text for parameters',
    () => db.readSync('select ?', anything('a'), { label }),
    'invalid-argument',
    'parameters are an array',
  ],
  [
    'a boolean among them',
    () => db.readSync('select ?', [anything(true)], { label }),
    'invalid-argument',
    'a number, bigint, string',
  ],
]

describe('a read with', () => {
  it.each(bad)(
    '%s is one typed error that carries its label, and harms nothing',
    async (_, run, code, advice) => {
      const reads = typeof run === 'string' ? readsOf(run) : [run]
      const failed = db.report().inThread?.failed ?? 0
      for (const read of reads) {
        expect(read).toThrow(
          expect.objectContaining({
            name: 'LockkeeperError',
            code,
            stage: 'read',
            label,
            outcome: undefined,
            message: expect.stringContaining(advice),
          }),
        )
      }
      expect(db.report().inThread?.failed).toBe(failed + reads.length)
      expect(db.readValueSync('select query_only from pragma_query_only')).toBe(1)
      expect(db.readColumnSync('select name from pragma_database_list')).toEqual(['main'])
      await db.write('insert or replace into notes (id) values (1)')
      expect(db.readColumnSync('select id from notes')).toEqual([1])
    },
  )

  const readsOf = (sql: string): (() => unknown)[] => [
    () => db.readSync(sql, [], { label }),
    () => db.readFirstSync(sql, [], { label }),
    () => db.readValueSync(sql, [], { label }),
    () => db.readColumnSync(sql, [], { label }),
    () => db.readArraysSync(sql, [], { label }),
  ]

  it.each([null, { label: 5 }, 'notes.peek'])('options that are none (%j) is refused, too', (options) => {
    expect(() => db.readSync('select 1', [], anything(options))).toThrow(
      expect.objectContaining({ code: 'invalid-argument', stage: 'read', label: undefined }),
    )
  })
})

describe('a read that holds the event loop longer than the bound', () => {
  it('raises an event, and is counted', () => {
    const told: SlowInThreadRead[] = []
    const stopListening = db.on('in-thread-read-slow', (read) => told.push(read))
    const slow = db.report().inThread?.slow ?? 0
    expect(db.readValueSync(counting, [100_000], { label: 'count.slowly' })).toBe(100_000)
    expect(db.readValueSync(counting, [10], { label: 'count.slowly' })).toBe(10)
    expect(told).toEqual([{ label: 'count.slowly', sql: counting, ms: expect.any(Number) }])
    expect(told[0]?.ms).toBeGreaterThan(0)
    expect(db.report().inThread?.slow).toBe(slow + 2)
    expect(db.report().inThread?.longestMs).toBeGreaterThanOrEqual(told[0]?.ms ?? Number.NaN)
    stopListening()
  })
})
