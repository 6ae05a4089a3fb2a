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

  it('follow the schema without a star, too: a view made again in another case, a rowid that got a name', () => {
    writer.script('create view v as select body from notes; create table t (a)')
    const namesOf = (sql: string): string[] => {
      const statement = writer.prepare(sql)
      statement.arrays(undefined)
      return statement.columns()
    }
    expect([namesOf('select body from v'), namesOf('select rowid from t')]).toEqual([['body'], ['rowid']])
    writer.script(`drop view v; create view v as select body as BODY from notes;
      drop table t; create table t (a, number integer primary key)`)
    expect([namesOf('select body from v'), namesOf('select rowid from t')]).toEqual([['BODY'], ['number']])
  })
})

describe('the writer makes nothing temporary', () => {
  it.each([
    'create temp table notes (id, body)',
    ';/**/CREATE -- why\n/* not */ TEMPORARY table notes (id, body)',
    'create temp trigger t before insert on notes begin select raise(fail, 1); end',
    'create temp view notes as select 1 as id',
    'create table temp.notes (id, body)',
    'create table if not exists "temp" . notes (id, body)',
    'create table [temp].notes (id, body)',
    "create table 'temp'.notes (id, body)",
    'create table/**/`TEMP`/**/./**/notes as select * from notes',
    'create view temp.notes as select 1 as id',
    'create trigger temp.t before insert on notes begin select raise(fail, 1); end',
    'create virtual table temp.notes using fts5(body)',
  ])('%j is refused, inside a transaction and outside', (sql) => {
    for (const [begin, commit] of [
      ['begin immediate', 'commit'],
      ['select 1', 'select 1'],
    ] as const) {
      writer.script(begin)
      const before = countOf(writer) as number
      writer.prepare('insert into notes (body) values (1)').run(undefined)
      expect(() => writer.prepare(sql).run(undefined)).toThrow(
        expect.objectContaining({ code: 'statement-refused', outcome: 'not-stored' }),
      )
      writer.prepare('insert into notes (body) values (2)').run(undefined)
      writer.script(commit)
      expect(writer.inTransaction).toBe(false)
      expect(countOf(reader)).toBe(before + 2)
      expect(writer.prepare('select name from sqlite_temp_schema').arrays(undefined)).toEqual([])
    }
  })

  it('but makes what is called so, and undoes no neighbour of a CREATE that fails', () => {
    writer.script('begin immediate')
    expect(writer.prepare('create table temp_notes (temp)').run(undefined).changes).toBe(0)
    expect(() => writer.prepare('create table a as select abs(-9223372036854775808)').run(undefined)).toThrow(
      'integer overflow',
    )
    expect(writer.inTransaction).toBe(true)
    writer.script('commit')
    expect(reader.prepare('select temp from temp_notes').arrays(undefined)).toEqual([])
  })
})

describe('Lockkeeper’s own tables', () => {
  beforeEach(() =>
    writer.script('create table lockkeeper_commit (id); insert into lockkeeper_commit values (7)'),
  )

  it.each([
    'drop table lockkeeper_commit',
    'drop table if exists lockkeeper_jobs',
    "drop table 'lockkeeper_commit'",
    'delete from main . "Lockkeeper_Commit"',
    'delete from [lockkeeper_commit]',
    'update /* */ LOCKKEEPER_COMMIT set id = 8',
    'with a as (select 8) insert into lockkeeper_commit select * from a',
    'alter table lockkeeper_commit rename to notes2',
    'create trigger t after insert on notes begin delete from lockkeeper_commit; end',
    'create table lockkeeper_mine (id)',
  ])('are the app’s to read only: %j is refused', (sql) => {
    expect(() => writer.prepare(sql)).toThrow(
      expect.objectContaining({
        code: 'statement-refused',
        outcome: 'not-stored',
        message: expect.stringMatching(/select from them apart/),
      }),
    )
  })

  it.each([
    'select id from lockkeeper_commit',
    'with a as (select id from lockkeeper_commit) select id from a',
  ])('%j is answered by both connections', (sql) => {
    for (const connection of [writer, reader])
      expect(connection.prepare(sql).arrays(undefined)).toEqual([[7]])
  })

  it.each([
    "insert into notes (body) values ('see lockkeeper_commit')",
    'insert into notes (body) values (?) -- lockkeeper_commit',
    'insert into notes (body) select 1 as my_lockkeeper_x',
  ])('%j names none', (sql) => {
    expect(() => writer.prepare(sql)).not.toThrow()
  })
})

describe('explaining', () => {
  it.each([
    'explain pragma user_version = 7',
    'explain/**/query --\n plan pragma user_version = 7',
    ';EXPLAIN PRAGMA query_only = 0',
    'explain query plan /* */ pragma journal_mode = delete',
    'explain commit',
    'explain attach x as y',
    'explain',
  ])('runs nothing on either connection: %j is refused', (sql) => {
    for (const connection of [writer, reader])
      expect(() => connection.prepare(sql)).toThrow(expect.objectContaining({ code: 'statement-refused' }))
    expect(writer.prepareOwn('pragma user_version').firstArray(undefined)).toEqual([0])
    expect(reader.prepareOwn('pragma query_only').firstArray(undefined)).toEqual([1])
  })

  it.each(['explain select 1', 'explain query plan values (1)', 'EXPLAIN/**/with a as (select 1) select 2'])(
    'a query stays possible: %j',
    (sql) => {
      for (const connection of [writer, reader])
        expect(connection.prepare(sql).arrays(undefined).length).toBeGreaterThan(0)
    },
  )

  it('a change is the writer’s, and changes nothing', () => {
    writer.script('insert into notes values (1, 1)')
    const sql = 'explain /* query */ delete from notes'
    expect(writer.prepare(sql).arrays(undefined).length).toBeGreaterThan(0)
    expect(countOf(reader)).toBe(1)
    expect(() => reader.prepare(sql)).toThrow('EXPLAIN DELETE is refused: explain a change in a procedure')
  })
})

describe('the plan of a slow statement', () => {
  it('can be had of a change on a reader, and nothing of it is run', () => {
    writer.script('insert into notes values (1, 1)')
    const plan = reader.planOf('delete from notes where body = ?').arrays([null])
    expect(plan.map(([, , , detail]) => detail)).toEqual(['SCAN notes'])
    expect(countOf(reader)).toBe(1)
  })

  it.each([
    'pragma user_version = 7',
    ';commit',
    'attach x as y',
    'select 1; delete from notes',
    'explain select 1',
  ])('is not asked for where that could act: %j', (sql) => {
    for (const connection of [writer, reader])
      expect(() => connection.planOf(sql).arrays(undefined)).toThrow()
    expect(writer.prepareOwn('pragma user_version').firstArray(undefined)).toEqual([0])
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
