// Design, section 9: migrations on the real engine. Each is all or nothing; children outlive the rebuilding of their parent.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import { applyMigration, readHistory } from './history.ts'
import type { Migration } from './migration.ts'

let folder: TemporaryFolder
let connection: Connection

beforeEach(async () => {
  folder = await temporaryFolder()
  connection = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 0 })
  connection.script('pragma journal_mode = wal; pragma foreign_keys = on')
})

afterEach(async () => {
  connection.close()
  await folder[Symbol.asyncDispose]()
})

const step = (id: number, sql: string, set = 'app'): Migration => ({ set, id, name: `step ${id}`, sql })
const column = (sql: string): unknown[] => connection.prepareOwn(sql).arrays(undefined).flat()
const tables = () => column(`select name from sqlite_schema where name not like 'lockkeeper%' order by name`)
const ran = () => readHistory(connection).map(({ set, id }) => `${set}/${id}`)

function refusalOf(migration: Migration): LockkeeperError {
  try {
    applyMigration(connection, migration)
  } catch (thrown) {
    if (isLockkeeperError(thrown)) return thrown
    throw thrown
  }
  throw new Error('It was not refused')
}

describe('a migration', () => {
  it('runs all its statements and is remembered, with its text’s checksum', () => {
    applyMigration(connection, step(1, "create table a (x); create table b (y); insert into a values ('z')"))
    applyMigration(connection, step(1, 'create table c (x)', 'lib'))
    expect(tables()).toEqual(['a', 'b', 'c'])
    expect(readHistory(connection)).toEqual([
      { set: 'app', id: 1, name: 'step 1', checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { set: 'lib', id: 1, name: 'step 1', checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ])
  })

  it('may make triggers, whose BEGIN and END are no transaction’s', () => {
    const sql = `
      create table a (x); create table log (x);
      create trigger t after insert on a begin
        insert into log select case new.x when 1 then 'one' else 'more' end;
        delete from a where x < 0;
      end;
      -- commit
      insert into a values ('; commit;'), (1) /* ; rollback */;`
    applyMigration(connection, step(1, sql))
    expect(column('select x from log')).toEqual(['more', 'one'])
  })

  it('rebuilds a parent without losing the children that refer to it', () => {
    applyMigration(
      connection,
      step(
        1,
        `create table parents (id integer primary key);
         create table children (parent integer references parents (id) on delete cascade);
         insert into parents values (1), (2);
         insert into children values (1), (2)`,
      ),
    )
    applyMigration(
      connection,
      step(
        2,
        `create table parents_new (id integer primary key, name text);
         insert into parents_new (id) select id from parents;
         drop table parents;
         alter table parents_new rename to parents`,
      ),
    )
    expect(column('select parent from children')).toEqual([1, 2])
    connection.script('delete from parents where id = 1')
    expect(column('select parent from children')).toEqual([2])
  })
})

describe('a migration that fails', () => {
  beforeEach(() => applyMigration(connection, step(1, 'create table a (x unique); insert into a values (1)')))

  it.each([
    ['by a constraint', 'create table b (y); insert into a values (2); insert into a values (1)', 'UNIQUE'],
    [
      'by something temporary',
      'create table b (y); create table temp.a (x)',
      'temporary, which is in no file',
    ],
    ['by its syntax', 'create table b (y); create tabel c (z)', 'syntax error'],
    ['by a trigger that rolls back', 'create table b (y); insert or rollback into a values (1)', 'UNIQUE'],
    [
      'by children without a parent',
      `create table p (id integer primary key); create table c (p references p (id)); insert into c values (7)`,
      'rows of c that refer to rows of p which do not exist',
    ],
  ])('%s leaves nothing, and says which and why', (_, sql, why) => {
    const refusal = refusalOf(step(2, sql))
    expect(refusal).toMatchObject({ code: 'migration-failed', stage: 'open' })
    expect(refusal.message).toMatch('The migration app/2 (step 2) failed: ')
    expect(refusal.message).toMatch(why)
    expect([tables(), column('select x from a'), ran()]).toEqual([
      ['a', 'sqlite_autoindex_a_1'],
      [1],
      ['app/1'],
    ])
    expect(connection.inTransaction).toBe(false)
    expect(column('pragma foreign_keys')).toEqual([1])
    applyMigration(connection, step(2, 'create table b (y)'))
    expect(ran()).toEqual(['app/1', 'app/2'])
  })

  it.each([
    'create table b (y); commit',
    'create table b (y); commit; begin',
    'create table b (y); /* */ ; end transaction',
    'create table b (y); rollback; create table c (z)',
    '-- first\ncommit; create table b (y)',
    'begin; create table b (y)',
    'create table b (y); drop table if exists "lockkeeper_jobs"',
    "create table b (y); delete from 'lockkeeper_migrations'",
    'savepoint s; create table b (y)',
    `create table b (y);
     create trigger t after insert on b begin select case when 1 then 2 end; end;
     commit`,
  ])('by saying what is ours to say leaves nothing either: %j', (sql) => {
    const refusal = refusalOf(step(2, sql))
    expect(refusal).toMatchObject({ code: 'migration-failed', stage: 'open' })
    expect([tables(), ran()]).toEqual([['a', 'sqlite_autoindex_a_1'], ['app/1']])
    expect(connection.inTransaction).toBe(false)
  })
})

describe('the history', () => {
  it('of a new file is empty, and looking makes nothing', () => {
    expect(readHistory(connection)).toEqual([])
    expect(column('select count(*) from sqlite_schema')).toEqual([0])
  })
})
