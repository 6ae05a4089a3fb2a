// A look from outside changes nothing (design, section 9), whatever the file is and whoever has it open, and tells what it left.
import { execFileSync } from 'node:child_process'
import { chmod, copyFile, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { childProcess, footprint, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openNotes } from '../../fixtures/open-notes.ts'
import { inspectFile } from './inspect-file.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

const program = (name: string): URL => new URL(`../../fixtures/programs/${name}`, import.meta.url)

function make(...statements: readonly string[]): void {
  const connection = new Database(file)
  for (const sql of statements) connection.exec(sql)
  connection.close()
}

/** Looks, and makes sure that every byte of every file is what it was. */
function inspectWithoutTrace(options: Parameters<typeof inspectFile>[1] = {}) {
  const before = footprint(folder.path)
  const inspection = inspectFile(file, options)
  expect(footprint(folder.path)).toEqual(before)
  return inspection
}

describe('a file that nobody has open', () => {
  it('in WAL mode tells its settings, and is alone as it was', async () => {
    make(
      'pragma page_size = 8192',
      'pragma journal_mode = wal',
      'pragma user_version = 7',
      'pragma application_id = 77',
      'create table a (id integer primary key)',
      'create table b (a references a)',
    )
    const before = await stat(file)
    const inspection = inspectWithoutTrace()
    expect(inspection).toMatchObject({
      opened: 'query-only',
      files: { file: before.size, wal: undefined, shm: undefined, journal: undefined },
      settings: {
        journalMode: 'wal',
        pageBytes: 8_192,
        pages: 3,
        freePages: 0,
        autoVacuum: 'none',
        encoding: 'UTF-8',
        userVersion: 7,
        applicationId: 77,
        tablesWithForeignKeys: ['b'],
        hasStatistics: false,
      },
      own: undefined,
      check: undefined,
      statements: [],
      left: [],
    })
    expect(await readdir(folder.path)).toEqual(['a.db'])
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs)
  })

  it('in rollback mode with free pages and incremental vacuum', () => {
    make(
      'pragma auto_vacuum = incremental',
      'create table a (x)',
      "insert into a select randomblob(100000) from json_each('[1,2,3]')",
      'delete from a',
      'analyze',
    )
    const { settings } = inspectWithoutTrace()
    expect(settings).toMatchObject({ journalMode: 'delete', autoVacuum: 'incremental', hasStatistics: true })
    expect(settings.freePages).toBeGreaterThan(70)
  })

  it('may be empty', async () => {
    await writeFile(file, '')
    expect(inspectWithoutTrace({ check: true })).toMatchObject({
      settings: { pages: 0 },
      check: { problems: [], tablesChecked: 0 },
    })
  })

  it('is looked at under its real name, where its log is', async () => {
    make('pragma journal_mode = wal', 'create table a (x)')
    await mkdir(folder.file('links'))
    await symlink(file, folder.file('links/b.db'))
    expect(inspectFile(folder.file('links/b.db')).file).toBe(inspectFile(file).file)
    expect(await readdir(folder.file('links'))).toEqual(['b.db'])
  })

  it('with Lockkeeper’s tables tells its migrations', async () => {
    await using db = await openNotes(file)
    await db.write('insert into notes (id) values (1)')
    await db.close()
    const { own } = inspectWithoutTrace()
    expect(own).toMatchObject({
      tables: expect.arrayContaining(['lockkeeper_commit', 'lockkeeper_jobs', 'lockkeeper_migrations']),
      migrations: [{ set: 'notes', id: 1 }],
      jobs: [],
      jobsUnfinished: 0,
    })
  })

  it('and the jobs that have not ended, without unpacking what they carry', () => {
    make(
      `create table lockkeeper_jobs (id text primary key, procedure text, status text, steps integer, done real, total real,
         input blob, cursor blob)`,
      `insert into lockkeeper_jobs values
         ('ended', 'notes.copy', 'done', 9, 9, 9, x'00', null), ('half', 'notes.copy', 'paused', 4, 40, null, x'ff', x'ff')`,
    )
    expect(inspectWithoutTrace().own).toMatchObject({
      jobs: [{ id: 'half', procedure: 'notes.copy', status: 'paused', steps: 4, done: 40, total: undefined }],
      jobsUnfinished: 1,
    })
  })

  it('is not misled by a stranger’s table of such a name', () => {
    make('create table lockkeeper_jobs (x)', 'create table lockkeeper_migrations ("set")')
    expect(inspectWithoutTrace().own).toEqual({
      tables: ['lockkeeper_jobs', 'lockkeeper_migrations'],
      migrations: [],
      jobs: [],
      jobsUnfinished: 0,
    })
  })
})

describe('a file with a log', () => {
  it('that another process has open is seen with what the log holds, and nothing of it moves', async () => {
    await using neighbour = childProcess(program('keep-open.ts'), { args: [file] })
    await neighbour.reached('open')
    const inspection = inspectFile(file, { statements: ['select * from notes'] })
    expect(inspection).toMatchObject({ opened: 'read-only', settings: { journalMode: 'wal' }, left: [] })
    expect(inspection.files.wal).toBeGreaterThan(0)
    expect(inspection.statements[0]?.plan).toEqual(['SCAN notes'])
    neighbour.pass('open')
    expect((await neighbour.exited).code).toBe(0)
  })

  it('that a killed process left keeps it: the log is read and not copied', async () => {
    const neighbour = childProcess(program('keep-open.ts'), { args: [file] })
    await neighbour.reached('open')
    neighbour.kill()
    await neighbour.exited
    const inspection = inspectWithoutTrace()
    expect(inspection.opened).toBe('read-only')
    expect(inspection.files.wal).toBeGreaterThan(50)
    expect(inspection.own?.migrations).toMatchObject([{ set: 'notes', id: 1 }])
    expect(inspection.left).toEqual([])
  })

  it('whose -shm is gone tells of the one that the look made', async () => {
    const neighbour = childProcess(program('keep-open.ts'), { args: [file] })
    await neighbour.reached('open')
    await mkdir(folder.file('copy'))
    const copy = folder.file('copy/a.db')
    await copyFile(file, copy)
    await copyFile(`${file}-wal`, `${copy}-wal`)
    neighbour.kill()
    await neighbour.exited
    const { file: real, left } = inspectFile(copy)
    expect(left).toEqual([{ name: `${real}-shm`, change: 'came', bytes: 32_768 }])
  })
})

describe('what cannot be looked at is refused and left as it is', () => {
  it.each([
    ['a text', 'this is no database, but a text that is long enough to be looked at. '.repeat(20)],
    ['a broken header', Buffer.concat([Buffer.from('SQLite format 2\0'), Buffer.alloc(8_000, 1)])],
  ])('%s', async (_, bytes) => {
    await writeFile(file, bytes)
    const before = footprint(folder.path)
    expect(() => inspectFile(file)).toThrow(
      expect.objectContaining({
        code: 'not-a-database',
        message: expect.stringContaining('a.db is not a SQLite'),
      }),
    )
    expect(footprint(folder.path)).toEqual(before)
  })

  it('nothing, a folder, a pipe', () => {
    const refusal = (text: string) =>
      expect.objectContaining({ code: 'cannot-open', message: expect.stringContaining(text) })
    expect(() => inspectFile(file)).toThrow(refusal('There is no file'))
    expect(() => inspectFile(folder.path)).toThrow(refusal('is a folder'))
    expect(() => inspectFile(folder.file('none/a.db'))).toThrow(refusal('There is no file'))
    execFileSync('mkfifo', [folder.file('pipe')])
    expect(() => inspectFile(folder.file('pipe'))).toThrow(refusal('no regular file'))
  })

  it('an empty file with a log beside it, which SQLite would delete', async () => {
    make('pragma journal_mode = wal', 'create table a (x)')
    const connection = new Database(file)
    connection.exec('insert into a values (1)')
    await copyFile(`${file}-wal`, folder.file('cut.db-wal'))
    connection.close()
    await writeFile(folder.file('cut.db'), '')
    const before = footprint(folder.path)
    expect(() => inspectFile(folder.file('cut.db'))).toThrow(
      expect.objectContaining({
        code: 'cannot-open',
        message: expect.stringMatching(/keep a copy of its -wal/),
      }),
    )
    expect(footprint(folder.path)).toEqual(before)
  })

  it('a file that this process has open (promise 1)', async () => {
    await using db = await openNotes(file)
    expect(() => inspectFile(file)).toThrow(expect.objectContaining({ code: 'already-open' }))
    await db.close()
    expect(inspectFile(file).settings.journalMode).toBe('wal')
  })

  it('a file that somebody has locked as a whole', () => {
    make('create table a (x)')
    const neighbour = new Database(file)
    neighbour.exec('begin exclusive')
    expect(() => inspectFile(file)).toThrow(expect.objectContaining({ code: 'sqlite-busy' }))
    neighbour.close()
  })

  it('without the right to write beside it: a file in WAL mode, but not one in rollback mode', async () => {
    make('create table a (x)')
    await mkdir(folder.file('shut'))
    const [plain, wal] = ['plain.db', 'wal.db'].map((name) => join(folder.path, 'shut', name)) as [
      string,
      string,
    ]
    await copyFile(file, plain)
    make('pragma journal_mode = wal')
    await copyFile(file, wal)
    for (const [path, mode] of [
      [plain, 0o444],
      [wal, 0o444],
      [folder.file('shut'), 0o555],
      [folder.path, 0o755],
    ] as const)
      await chmod(path, mode)
    await using stranger = childProcess(program('inspect-without-rights.ts'), { args: [plain, wal] })
    await stranger.toldAtLeast(2)
    await chmod(folder.file('shut'), 0o755)
    expect(stranger.told).toEqual([
      { mode: 'delete', left: [] },
      { code: 'cannot-open', message: expect.stringMatching(/-wal and -shm files beside it/) },
    ])
  })
})
