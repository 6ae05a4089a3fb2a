// Promise 10, and its price: who gets a savepoint. One per item halves plain inserts, so nobody gets one without need.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../database/open.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { Isolation } from './isolation.ts'

let folder: TemporaryFolder
let connection: Connection
let isolation: Isolation

beforeEach(async () => {
  folder = await temporaryFolder()
  const db = await openDatabase({
    file: folder.file('a.db'),
    migrations: [
      {
        set: 'test',
        id: 1,
        name: 'notes',
        sql: 'create table notes (id integer primary key, failed text, fails)',
      },
    ],
  })
  await db.close()
  connection = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 2 })
  isolation = new Isolation(connection)
})

afterEach(async () => {
  connection.close()
  await folder[Symbol.asyncDispose]()
})

function needs(sql: string): boolean {
  isolation.refresh()
  return isolation.needsSavepoint({ kind: 'statement', sql, parameters: [] })
}

it('a plain statement gets none, in a database as Lockkeeper makes it, columns named failed or not', () => {
  expect(needs('insert into notes (id) values (1)')).toBe(false)
  expect(needs('update notes set failed = 1')).toBe(false)
})

it('a statement that says FAIL gets one', () => {
  expect(needs('insert or fail into notes (id) values (1)')).toBe(true)
})

it.each([
  ['a trigger', `create trigger t before insert on notes begin select raise(fail, 'no'); end`],
  ['a table', 'create table firsts (id integer primary key on conflict fail)'],
])('everybody gets one while %s of the app says FAIL', (_, sql) => {
  connection.script(sql)
  expect(needs('insert into notes (id) values (1)')).toBe(true)
  connection.script(sql.startsWith('create trigger') ? 'drop trigger t' : 'drop table firsts')
  expect(needs('insert into notes (id) values (1)')).toBe(false)
})

it('what does several things gets one', () => {
  expect(isolation.needsSavepoint({ kind: 'atomic', statements: [] })).toBe(true)
  expect(isolation.needsSavepoint({ kind: 'procedure', name: 'a.b', input: 1 })).toBe(true)
  expect(isolation.needsSavepoint({ kind: 'bulk', sql: 'insert into notes (id) values (?)', id: 1 })).toBe(
    true,
  )
})
