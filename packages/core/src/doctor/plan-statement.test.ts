// Statements of a report are planned on the file and never run; what can't be told is said so.
import { footprint, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inspectFile } from './inspect-file.ts'
import type { StatementPlan } from './types.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  const connection = new Database(file)
  connection.exec(`
    create table posts (id integer primary key, author text, at integer, body text);
    create table "odd table" ("the key" text, x);
    create table likes (post integer, peer text, at integer);
    create index likes_by_peer on likes (peer, at);
    create index posts_of_some on posts (author) where at > 5;
    create virtual table words using fts5 (body);
    create view recent as select * from posts where at > 100;
    insert into posts values (1, 'a', 1, 'b');
    pragma user_version = 3`)
  connection.close()
})

afterEach(() => folder[Symbol.asyncDispose]())

function plan(sql: string): StatementPlan {
  const before = footprint(folder.path)
  const [planned] = inspectFile(file, { statements: [sql] }).statements
  expect(footprint(folder.path)).toEqual(before)
  if (planned === undefined) throw new Error('No plan')
  return planned
}

const scanOf = (sql: string) => {
  const planned = plan(sql)
  if (planned.plan === undefined) throw new Error(planned.refused)
  return planned.scan
}

describe('a statement that reads a whole table', () => {
  it.each([
    [
      'select * from posts where author = ? and at > ?',
      {
        table: 'posts',
        columns: ['author', 'at'],
        remedy: 'create index posts_by_author_at on posts (author, at)',
      },
    ],
    [
      'SELECT body FROM Posts p WHERE p.Author = :author',
      { table: 'posts', columns: ['author'], existing: undefined },
    ],
    [
      'select * from "odd table" as o where o."the key" in (?1, ?2)',
      {
        table: 'odd table',
        columns: ['the key'],
        remedy: 'create index odd_table_by_the_key on "odd table" ("the key")',
      },
    ],
    // Through a view, whose table the plan names.
    ['select * from recent where author = ?', { table: 'posts', columns: ['author'] }],
    ['update likes set at = @at where post = $post', { table: 'likes', columns: ['post'] }],
    ['select count(*) from likes where post between ? and ?', { table: 'likes', columns: ['post'] }],
  ])('%s', (sql, scan) => {
    expect(scanOf(sql)).toMatchObject(scan)
  })

  it('that an index is there for, which a plan does not use, is told of that index', () => {
    expect(scanOf('select * from likes not indexed where peer = ?')).toMatchObject({
      columns: ['peer'],
      existing: 'likes_by_peer',
      remedy: expect.stringContaining('likes_by_peer begins with peer, and SQLite does not use it'),
    })
  })

  it('with nothing that an index could serve, or which one can’t be told, gets no index', () => {
    for (const sql of [
      'select * from posts',
      'select * from posts where author = ? or body = ?',
      'select * from posts where body like ?',
      'delete from "odd table" where "the key" = 1',
      'with p as materialized (select * from posts) select * from p where author = ?',
      'select * from posts where lower(author) = ?',
      'select * from posts where at in (select at from likes where at + 1 > ?)',
    ]) {
      const scan = scanOf(sql)
      expect({ sql, columns: scan?.columns }).toEqual({ sql, columns: [] })
      expect(scan?.remedy).toMatch(/tell|index|told/)
    }
  })
})

it.each([
  'select * from posts where id = ?',
  'select * from likes where peer = ? and at > ?',
  'select rowid from words where words match ?',
  'insert into posts values (?, ?, ?, ?)',
  'with p(x) as (select ?1) select x from p',
  'values (1)',
  "select sql from sqlite_schema where sql like '%x%'",
])('%s reads no table whole', (sql) => {
  expect(scanOf(sql)).toBeUndefined()
})

it.each([
  ['select gone from posts', /no such column: gone/],
  ['select * from gone where x = ?', /no such table: gone/],
  ['select of_the_app(author) from posts', /no such function: of_the_app/],
  ['select 1; delete from posts', /more than one statement/],
  ['pragma user_version = 9', /PRAGMA has no plan/],
  [';/* x */ drop table posts', /DROP has no plan/],
  ['explain pragma user_version = 9', /EXPLAIN has no plan/],
  ['vacuum', /VACUUM has no plan/],
  ['', /has no plan/],
  ['select (', /incomplete input/],
])('%s is told to have no plan, and why', (sql, why) => {
  expect(plan(sql)).toEqual({ sql, plan: undefined, refused: expect.stringMatching(why) })
})
