// Design, section 9: a file from the future, or not a database at all, stays as it is to the byte, and so does its folder.
// Closing leaves the file whole, with no log beside it.

import { readdirSync } from 'node:fs'
import { copyFile, rename, rm, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { footprint, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notesMigrations, openNotes } from '../../fixtures/open-notes.ts'
import type { Migration } from '../migrations/migration.ts'
import { procedures } from '../procedures/reference.ts'
import { openDatabase } from './open.ts'
import type { OpenOptions } from './options.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

/** Opens in vain; answers with the refusal. What the folder holds must be the same before and after. */
async function refusedWithoutTrace(options: Partial<OpenOptions> = {}) {
  const before = footprint(folder.path)
  const refusal = await openDatabase({ file, migrations: notesMigrations, ...options }).then(
    async (db) => {
      await db.close()
      throw new Error('It was opened')
    },
    (error: unknown) => error,
  )
  expect(footprint(folder.path)).toEqual(before)
  return refusal
}

async function filledDatabase(): Promise<void> {
  await using db = await openNotes(file)
  await db.write("insert into notes (id, body) values (1, 'precious')")
}

/** As a crash leaves it: rows in the log that have not been copied into the file. */
async function crashedDatabase(): Promise<void> {
  const source = folder.file('source.db')
  const connection = new Database(source)
  connection.pragma('journal_mode = wal')
  connection.pragma('wal_autocheckpoint = 0')
  for (const { sql } of notesMigrations) connection.exec(sql)
  connection.exec("insert into notes (id, body) values (1, 'precious')")
  await copyFile(source, file)
  await copyFile(`${source}-wal`, `${file}-wal`)
  connection.close()
  await rm(source)
}

const changed: readonly Migration[] = notesMigrations.map((step) => ({ ...step, sql: `${step.sql} -- !` }))
const newest = notesMigrations.map((step) => ({ ...step, id: 7 }))

describe('a file that must not be touched is left to the byte, with nothing beside it', () => {
  it.each<[string, string | Buffer]>([
    ['a text', 'this is no database, but a text that is long enough to be looked at. '.repeat(20)],
    ['a short text', 'hello'],
    ['random bytes', Buffer.from(Array.from({ length: 8_192 }, (_, at) => (at * 7919) % 251))],
    [
      'a database with a broken header',
      Buffer.concat([Buffer.from('SQLite format 2\0'), Buffer.alloc(8_000, 1)]),
    ],
  ])('%s', async (_, bytes) => {
    await writeFile(file, bytes)
    expect(await refusedWithoutTrace()).toMatchObject({
      code: 'not-a-database',
      stage: 'open',
      message: expect.stringContaining(`${file} is not a SQLite database: name another file`),
    })
  })

  it('a database with a newer history', async () => {
    await filledDatabase()
    const before = footprint(folder.path)
    await using newer = await openDatabase({
      file,
      migrations: [...notesMigrations, { set: 'notes', id: 2, name: 'new', sql: 'create table b (y)' }],
    })
    await newer.close()
    expect(footprint(folder.path)).not.toEqual(before)
    expect(await refusedWithoutTrace()).toMatchObject({ code: 'history-newer', stage: 'open' })
  })

  it('a database whose history has changed', async () => {
    await filledDatabase()
    expect(await refusedWithoutTrace({ migrations: changed })).toMatchObject({ code: 'history-changed' })
    expect(await refusedWithoutTrace({ migrations: newest })).toMatchObject({ code: 'history-newer' })
  })

  it('a database in rollback mode, refused for its history', async () => {
    await filledDatabase()
    const connection = new Database(file)
    expect(connection.pragma('journal_mode = delete', { simple: true })).toBe('delete')
    connection.close()
    expect(await refusedWithoutTrace({ migrations: changed })).toMatchObject({ code: 'history-changed' })
  })

  it('a database that a crash left with a log', async () => {
    await filledDatabase()
    await rename(file, folder.file('history.db'))
    await crashedDatabase()
    const history = new Database(file)
    history.pragma('wal_autocheckpoint = 0')
    history.exec(`
      create table lockkeeper_migrations ("set" text, id integer, name text, checksum text);
      insert into lockkeeper_migrations values ('notes', 9, 'from the future', 'x')`)
    await copyFile(file, folder.file('b.db'))
    await copyFile(`${file}-wal`, folder.file('b.db-wal'))
    history.close()
    file = folder.file('b.db')
    expect(await refusedWithoutTrace()).toMatchObject({ code: 'history-newer' })
  })

  it('a database whose procedures cannot be loaded', async () => {
    await filledDatabase()
    const missing = procedures(pathToFileURL(folder.file('missing.ts')))
    expect(await refusedWithoutTrace({ procedures: { missing } as never })).toMatchObject({
      code: 'procedures-not-loaded',
    })
  })
})

describe('a file that may be opened', () => {
  it('is alone again after closing: its log has been copied into it', async () => {
    await filledDatabase()
    expect(readdirSync(folder.path)).toEqual(['a.db'])
    await copyFile(file, folder.file('copy.db'))
    await using copy = await openNotes(folder.file('copy.db'))
    expect(await copy.readColumn('select body from notes')).toEqual(['precious'])
  })

  it('has what a crash left in its log', async () => {
    await crashedDatabase()
    await using db = await openDatabase({ file })
    expect(await db.readColumn('select body from notes')).toEqual(['precious'])
  })

  it('may be empty', async () => {
    await writeFile(file, '')
    await using db = await openNotes(file)
    expect(await db.readValue('select count(*) from notes')).toBe(0)
  })
})
