// Promises 1 and 9 on the real engine: a reader cannot write, and nobody ends a transaction that isn't theirs.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statementsCachedMax } from '../limits.ts'
import { betterSqlite3 } from './better-sqlite3.ts'
import type { Connection } from './port.ts'

let folder: TemporaryFolder
let writer: Connection
let reader: Connection

beforeEach(async () => {
  folder = await temporaryFolder()
  writer = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 0 })
  writer.script('pragma journal_mode = wal; create table notes (id integer primary key, body)')
  reader = betterSqlite3.openReader(folder.file('a.db'))
})

afterEach(async () => {
  reader.close()
  writer.close()
  await folder[Symbol.asyncDispose]()
})

const countOf = (connection: Connection): unknown =>
  connection.prepareOwn('select count(*) from notes').firstArray(undefined)?.[0]

describe('a reader', () => {
  it.each([
    'insert into notes values (1, 2)',
    'with a as (select 1) insert into notes select 1, 2 from a',
    'create temp table t (a)',
    'create temp view v as select 1',
    'pragma query_only = 0',
    '/* */ pragma query_only = 0',
    "attach database ':memory:' as other",
    'begin',
    ';begin immediate',
    'delete from notes returning id',
  ])('is refused %j', (sql) => {
    expect(() => reader.prepare(sql).run(undefined)).toThrow(
      expect.objectContaining({ code: 'statement-refused' }),
    )
    expect(reader.inTransaction).toBe(false)
  })

  it('cannot write even with our own rights', () => {
    expect(() => reader.prepareOwn('insert into notes values (1, 2)').run(undefined)).toThrow(
      expect.objectContaining({ code: 'SQLITE_READONLY' }),
    )
    expect(() => reader.script('create temp table t (a)')).toThrow(
      expect.objectContaining({ code: 'SQLITE_READONLY' }),
    )
  })

  it('may not be opened on a file that is not there: it would make one', () => {
    expect(() => betterSqlite3.openReader(folder.file('b.db'))).toThrow('file')
  })
})

describe('several statements in one text', () => {
  it.each([
    'select 1; select 2',
    'insert into notes values (1, 1); commit',
    'insert into notes values (1, 1);;-- \n;delete from notes',
  ])('are refused, and none of %j runs', (sql) => {
    expect(() => writer.prepare(sql)).toThrow('more than one statement')
    expect(countOf(writer)).toBe(0)
  })

  it('are not what a trailing semicolon or comment makes', () => {
    expect(writer.prepare('insert into notes values (1, 1); -- done\n').run(undefined).changes).toBe(1)
  })
})

describe('the statements we keep', () => {
  it('of our own are not lent to an app that writes the same text', () => {
    for (const sql of ['begin immediate', 'commit', 'rollback', 'savepoint a']) {
      writer.prepareOwn(sql)
      expect(() => writer.prepare(sql)).toThrow(expect.objectContaining({ code: 'statement-refused' }))
      reader.prepareOwn(sql)
      expect(() => reader.prepare(sql)).toThrow(expect.objectContaining({ code: 'statement-refused' }))
    }
  })

  it('are compiled once, and again after many others', () => {
    const first = writer.prepare('select 0 as n')
    expect(writer.prepare('select 0 as n')).toBe(first)
    for (let n = 1; n <= statementsCachedMax; n++) writer.prepare(`select ${n} as n`)
    expect(writer.prepare('select 0 as n')).not.toBe(first)
    expect(writer.prepare('select 0 as n').firstArray(undefined)).toEqual([0])
  })

  it('stay those that are in use, when there are too many', () => {
    const used = writer.prepare('select 0 as n')
    for (let n = 1; n < statementsCachedMax * 2; n++) {
      writer.prepare(`select ${n} as n`)
      expect(writer.prepare('select 0 as n')).toBe(used)
    }
  })

  it('follow the schema: a star has the columns that are there now', () => {
    expect(writer.prepare('select * from notes').columns()).toEqual(['id', 'body'])
    writer.script('alter table notes add column title')
    writer.prepare('select * from notes').arrays(undefined)
    expect(writer.prepare('select * from notes').columns()).toEqual(['id', 'body', 'title'])
  })
})

describe('what a change changed', () => {
  it('is told for statements that yield rows, which don’t say it themselves', () => {
    writer.script("insert into notes values (1, 'a'), (2, 'b'), (7, 'c')")
    const rows = writer.prepare("update notes set body = 'x' where id < 7 returning id").arrays(undefined)
    expect(rows).toEqual([[1], [2]])
    expect(writer.lastChanges()).toEqual({ changes: 2, lastInsertRowid: 7 })
    writer.prepare("update notes set body = 'x' where id > 7 returning id").arrays(undefined)
    expect(writer.lastChanges().changes).toBe(0)
  })
})

describe('the end of a transaction', () => {
  it('is seen, also when SQLite ended it by itself', () => {
    writer.script('begin')
    writer.prepare('insert into notes values (1, 1)').run(undefined)
    expect(writer.inTransaction).toBe(true)
    expect(() => writer.prepare('insert or rollback into notes values (1, 1)').run(undefined)).toThrow(
      'UNIQUE',
    )
    expect(writer.inTransaction).toBe(false)
    expect(countOf(writer)).toBe(0)
  })
})
