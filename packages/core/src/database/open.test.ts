// Promises 1, 2 and 7 at the door: what opening sets, refuses and gives free again.

import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notesMigrations, openNotes } from '../../fixtures/open-notes.ts'
import { assertSqliteVersion } from '../engine/version.ts'
import { procedures } from '../procedures/reference.ts'
import { openDatabase } from './open.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

const refusalOf = (opening: Promise<AsyncDisposable>): Promise<unknown> =>
  opening.then(
    async (db) => {
      await db[Symbol.asyncDispose]()
      throw new Error('It was opened')
    },
    (error: unknown) => error,
  )
/** A pragma as the writer's connection has it: only a procedure's own SQL runs there. */
const settingsModule = `
  export const settings = { kind: 'write', body: (tx) => Object.fromEntries(
    ['journal_mode', 'synchronous', 'foreign_keys'].map((name) => [name, tx.value('select * from pragma_' + name)])) }
  export const readerSettings = { kind: 'read', body: (tx) => Object.fromEntries(
    ['journal_mode', 'query_only'].map((name) => [name, tx.value('select * from pragma_' + name)])) }`

describe('an open database', () => {
  it.each([
    ['process', 1],
    ['power', 2],
  ] as const)(
    'with durability %s has WAL mode and synchronous = %i, really set',
    async (durability, synchronous) => {
      await writeFile(folder.file('settings.mjs'), settingsModule)
      await using db = await openDatabase({
        file,
        durability,
        procedures: { a: procedures<Record<string, never>>(pathToFileURL(folder.file('settings.mjs'))) },
      })
      const { settings, readerSettings } =
        (db.call as Record<string, Record<string, () => Promise<unknown>>>).a ?? {}
      expect(await settings?.()).toEqual({ journal_mode: 'wal', synchronous, foreign_keys: 1 })
      expect(await readerSettings?.()).toEqual({ journal_mode: 'wal', query_only: 1 })
    },
  )

  it('tells its file, its SQLite, its states and its bounds', async () => {
    await using db = await openNotes(file, {
      readers: { interactive: 3, background: 2 },
      lanes: { sync: { capacity: 5 } },
    })
    const report = db.report()
    expect(report).toMatchObject({
      version: 1,
      file,
      batches: 0,
      busy: {},
      restarts: { writer: 0, readers: 0 },
    })
    expect(report.states).toMatchObject({ database: 'ready', readers: { length: 5 } })
    expect([report.lanes.user.depth, report.lanes.sync.capacity]).toEqual([0, 5])
    expect(() => assertSqliteVersion(report.sqlite)).not.toThrow()
    expect(db.file).toBe(file)
  })

  it('has run every set of migrations, and runs none again', async () => {
    const sets = [
      ...notesMigrations,
      { set: 'other', id: 1, name: 'other', sql: 'create table other (a); insert into other values (1)' },
    ]
    for (let opening = 0; opening < 2; opening++) {
      await using db = await openDatabase({ file, migrations: sets })
      expect(await db.readColumn('select a from other')).toEqual([1])
      expect(await db.readColumn('select "set" from lockkeeper_migrations order by 1')).toEqual([
        'notes',
        'other',
      ])
    }
  })
})

describe('a second opening of the same file in one process', () => {
  it('is refused by the same path, by symbolic link and by hard link, and free after closing', async () => {
    const db = await openNotes(file)
    await db.write("insert into notes (id, body) values (1, 'a')")
    await symlink(file, folder.file('symbolic.db'))
    await link(file, folder.file('hard.db'))
    for (const name of ['a.db', 'symbolic.db', 'hard.db']) {
      expect(await refusalOf(openNotes(folder.file(name))), name).toMatchObject({ code: 'already-open' })
    }
    expect(await db.readColumn('select body from notes')).toEqual(['a'])
    await db.close()
    await using again = await openNotes(folder.file('hard.db'))
    expect(await again.readColumn('select body from notes')).toEqual(['a'])
  })

  it('is refused while the first is still opening', async () => {
    const first = openNotes(file)
    expect(await refusalOf(openNotes(file))).toMatchObject({ code: 'already-open' })
    await (await first).close()
  })
})

describe('an opening that fails', () => {
  it('gives the file free', async () => {
    const broken = [{ set: 'notes', id: 1, name: 'broken', sql: 'create tabel' }]
    expect(await refusalOf(openDatabase({ file, migrations: broken }))).toMatchObject({
      code: 'migration-failed',
    })
    const unloaded = { a: procedures(pathToFileURL(folder.file('missing.ts'))) }
    expect(await refusalOf(openDatabase({ file, procedures: unloaded }))).toMatchObject({
      code: 'procedures-not-loaded',
      message: expect.stringContaining('missing.ts'),
    })
    await using db = await openNotes(file)
    expect(await db.readValue('select count(*) from notes')).toBe(0)
  })

  it('because no reader can open the file says why, not that readers have stopped', async () => {
    const connection = new URL('../../fixtures/failing-reader-setup.ts', import.meta.url)
    const refusal = await refusalOf(openNotes(file, { connection }))
    expect(refusal).toMatchObject({ stage: 'open', message: expect.stringContaining('no readers today') })
    expect(refusal).not.toMatchObject({ code: 'reader-stopped' })
    await (await openNotes(file)).close()
  })

  it('in a missing folder says to make the folder', async () => {
    expect(await refusalOf(openNotes(folder.file('missing/a.db')))).toMatchObject({ code: 'cannot-open' })
  })

  it('because the path is a folder says what must be there', async () => {
    await mkdir(file)
    expect(await refusalOf(openNotes(file))).toMatchObject({
      code: 'cannot-open',
      message: expect.stringContaining('cannot be opened for writing'),
    })
  })

  it('because a file is where its folder should be says what must be there', async () => {
    await writeFile(folder.file('plain'), '')
    expect(await refusalOf(openNotes(folder.file('plain/a.db')))).toMatchObject({ code: 'cannot-open' })
  })

  it('because an option is off opens nothing', async () => {
    expect(await refusalOf(openNotes(file, { readers: { interactive: -1 } }))).toMatchObject({
      code: 'invalid-argument',
    })
    expect(await refusalOf(openNotes(':memory:'))).toMatchObject({ code: 'unsupported-location' })
  })
})
