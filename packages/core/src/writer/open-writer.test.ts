// Promise 1, migrations included, when two processes open one file at the same time: every migration runs once.
//
//   this opening                      the other
//   plans 1 and 2, none has run
//   is about to run 1
//                                     opens, runs 1 and 2, closes
//   BEGIN IMMEDIATE: both have run
import { copyFile, writeFile } from 'node:fs/promises'
import { footprint, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { readHistory } from '../migrations/history.ts'
import type { Migration } from '../migrations/migration.ts'
import { openWriter } from './open-writer.ts'

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(() => folder[Symbol.asyncDispose]())

const step = (id: number, sql: string): Migration => ({ set: 'app', id, name: `step ${id}`, sql })
const steps = [step(1, 'create table a (x)'), step(2, 'insert into a values (2)')]

it('an emptied file with a log beside it is refused: SQLite would delete what was acknowledged (promise 2)', async () => {
  const connection = openWriter(betterSqlite3, {
    file: folder.file('whole.db'),
    migrations: steps,
    durability: 'process',
    checkpoints: 'off',
    onMigration: () => {},
  })
  await copyFile(folder.file('whole.db-wal'), folder.file('a.db-wal'))
  connection.close()
  await writeFile(folder.file('a.db'), '')
  const before = footprint(folder.path)
  expect(() => open(steps)).toThrow(
    expect.objectContaining({
      code: 'cannot-open',
      message: expect.stringContaining('keep a copy of its -wal'),
    }),
  )
  expect(footprint(folder.path)).toEqual(before)
})

const open = (migrations: readonly Migration[], onMigration: (migration: Migration) => void = () => {}) =>
  openWriter(betterSqlite3, { file: folder.file('a.db'), migrations, durability: 'process', onMigration })

describe('of two that open a new file at once', () => {
  it.each([1, 2])('the later one skips what has run meanwhile (before step %i)', (at) => {
    const connection = open(steps, ({ id }) => {
      if (id === at) open(steps).close()
    })
    expect(readHistory(connection).map(({ id }) => id)).toEqual([1, 2])
    expect(connection.prepareOwn('select x from a').arrays(undefined)).toEqual([[2]])
    expect(connection.prepareOwn('pragma foreign_keys').firstArray(undefined)).toEqual([1])
    expect(connection.inTransaction).toBe(false)
    connection.close()
  })

  it.each([
    ['another text', [step(1, 'create table a (x, y)')], 'history-changed'],
    ['one step more', [...steps, step(3, 'create table b (x)')], 'history-newer'],
  ] as const)('the later one says so if the other had %s', (_, others, code) => {
    let first = true
    expect(() =>
      open(steps, () => {
        if (first) open(others).close()
        first = false
      }),
    ).toThrow(expect.objectContaining({ code, stage: 'open' }))
  })
})
