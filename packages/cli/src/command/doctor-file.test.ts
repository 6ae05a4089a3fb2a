// The real command on real files of each kind: exit codes, refusals in one line, and nothing changed.
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { childProcess, footprint, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectStorm } from '../../../core/fixtures/situations/connect-storm.ts'
import { type Ended, lockkeeper } from '../../fixtures/command.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

const holdOpen = new URL('../../fixtures/programs/hold-open.ts', import.meta.url)

function make(...statements: readonly string[]): void {
  const connection = new Database(file).unsafeMode()
  for (const sql of statements) connection.exec(sql)
  connection.close()
}

/** Runs the command, which must leave every byte of every file as it is. */
async function doctor(...words: readonly string[]): Promise<Ended> {
  const before = footprint(folder.path)
  const ended = await lockkeeper('doctor', ...words)
  expect(footprint(folder.path)).toEqual(before)
  return ended
}

/** What it says of a file, as a program reads it. */
async function seen(...more: readonly string[]) {
  const { code, stdout, stderr } = await doctor(file, '--json', ...more)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const kindsOf = ({ findings }: { findings: { kind: string }[] }): string[] => findings.map(({ kind }) => kind)

async function refused(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await doctor(...words)
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^lockkeeper: [^\n]+\n$/),
  })
  return stderr
}

describe('doctor FILE', () => {
  it('tells of a sound file in WAL mode that nothing stands out, and that it left nothing', async () => {
    make(
      'pragma journal_mode = wal',
      'create table a (id integer primary key)',
      'create table b (a references a)',
    )
    const { code, stdout, stderr } = await doctor(file)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/journal mode +wal\n/)
    expect(stdout).toMatch(/foreign keys +declared by 1 table/)
    expect(stdout).toMatch(/synchronous +can’t be seen from outside/)
    expect(stdout).toMatch(/left nothing beside the file/)
    expect(stdout).toMatch(/Verdict: nothing stands out\n$/)
    expect(await readdir(folder.path)).toEqual(['a.db'])
  })

  it('tells of a rollback journal', async () => {
    make('create table a (x)')
    expect(kindsOf(await seen())).toEqual(['rollback-journal'])
  })

  it('steers no terminal by the name of the file', async () => {
    file = folder.file('a\u001B]0;gone\u0007\u202E.db')
    make('pragma journal_mode = wal', 'create table a (x)')
    const { stdout } = await doctor(file)
    expect(stdout).toMatch(/a·\]0;gone··\.db\n/)
    expect(stdout).not.toMatch(/[^\P{C}\n]/u)
  })

  it('tells of an empty file that it is none yet', async () => {
    await writeFile(file, '')
    expect((await doctor(file)).stdout).toMatch(/an empty file, no database yet[\s\S]*nothing stands out/)
  })

  it('tells of damage and of rows that refer to nothing, if it is asked to check', async () => {
    make(
      'create table a (id integer primary key)',
      'create table b (a references a)',
      'pragma foreign_keys = off',
      'insert into b values (1)',
      'pragma journal_mode = wal',
    )
    expect(kindsOf(await seen())).toEqual([])
    expect(kindsOf(await seen('--check'))).toEqual(['orphans'])
    make('pragma writable_schema = on', "update sqlite_schema set rootpage = 2 where name = 'b'")
    expect(kindsOf(await seen('--check'))).toEqual(['damage'])
  })

  it.runIf(process.platform === 'linux')('names the process that has it open, and its files', async () => {
    await using neighbour = childProcess(holdOpen, { args: [file] })
    await neighbour.reached('open')
    const { stdout } = await lockkeeper('doctor', file)
    expect(stdout).toMatch(
      new RegExp(`open in +${neighbour.pid} \\(file, shm, wal\\): node\\s[\\s\\S]*hold-open\\.ts`),
    )
    expect(stdout).toMatch(/Verdict: nothing stands out/)
    neighbour.pass('open')
    expect((await neighbour.exited).code).toBe(0)
  })

  it('tells of a log that a killed process left, and leaves it', async () => {
    const neighbour = childProcess(holdOpen, { args: [file] })
    await neighbour.reached('open')
    neighbour.kill()
    await neighbour.exited
    const found = await seen()
    expect(kindsOf(found)).toEqual(['log-left-behind'])
    expect(found.inspection.files.wal).toBeGreaterThan(100_000)
    expect(found.inspection).toMatchObject({ opened: 'read-only', left: [] })
  })

  it('says that its look made the -shm which a copy lacks', async () => {
    await using neighbour = childProcess(holdOpen, { args: [file] })
    await neighbour.reached('open')
    await mkdir(folder.file('copy'))
    await copyFile(file, folder.file('copy/a.db'))
    await copyFile(`${file}-wal`, folder.file('copy/a.db-wal'))
    const { code, stdout } = await lockkeeper('doctor', folder.file('copy/a.db'))
    expect(code).toBe(0)
    expect(stdout).toMatch(/this look +opened read-only\n +beside the file, since: .*-shm came \(32 KiB\)/)
  })

  it('plans the slow statements of a saved report on the file: what is missing, and what can’t be told', async () => {
    make(
      'pragma journal_mode = wal',
      'create table posts (id integer primary key, author text, at integer)',
      'create table likes (post integer)',
      'create index likes_by_post on likes (post)',
    )
    const slow = (sql: string | undefined, kind = 'read') => ({
      ...{ kind, sql, at: 0, label: 'x', parameters: [], waitMs: 0, runMs: 100 },
      ...(kind === 'read' ? { class: 'interactive' } : { lane: 'user' }),
    })
    const profile = { on: 'reader', runs: 9, totalMs: 900, longestMs: 200, sorts: 0, vmSteps: 0 }
    await writeFile(
      folder.file('report.json'),
      JSON.stringify({
        ...connectStorm,
        statements: [
          { ...profile, sql: 'select * from posts where author = :author', scanSteps: 9_000, autoIndexes: 0 },
          { ...profile, sql: 'other', scanSteps: 9_000, autoIndexes: 0 },
          { ...profile, sql: 'select * from likes', scanSteps: 8_999, autoIndexes: 0 },
        ],
        ledger: {
          ...connectStorm.ledger,
          slow: [
            slow('select * from posts where author = :author'),
            slow('delete from likes where post = ?', 'write'),
            slow('select * from gone where x = ?'),
            slow(undefined, 'begin'),
          ],
        },
      }),
    )
    const { inspection, findings } = await seen('--report', folder.file('report.json'))
    expect(inspection.statements).toMatchObject([
      { sql: 'select * from posts where author = :author', plan: ['SCAN posts'] },
      { sql: 'delete from likes where post = ?', plan: [expect.stringContaining('SEARCH likes')] },
      { sql: 'select * from gone where x = ?', refused: 'no such table: gone' },
    ])
    expect(findings).toEqual([
      expect.objectContaining({
        kind: 'scan',
        headline: 'A slow statement reads all of `posts`: an index on author is missing',
        remedy: 'In a migration: `create index posts_by_author on posts (author)`',
      }),
    ])
    const { stdout } = await doctor(file, '--report', folder.file('report.json'))
    expect(stdout).toMatch(/cannot tell \(no such table: gone\): select \* from gone where x = \?/)
  })
})

describe('bad input is refused in one line, with exit code 2, and left as it is', () => {
  it('no file, a folder, a text, a broken header', async () => {
    expect(await refused(file)).toMatch(/There is no file/)
    expect(await refused(folder.path)).toMatch(/is a folder/)
    await writeFile(file, 'this is no database, but a text that is long enough. '.repeat(30))
    expect(await refused(file)).toMatch(/is not a SQLite database/)
    await writeFile(file, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_000, 0xaa)]))
    expect(await refused(file)).toMatch(/is not a SQLite database/)
  })

  it('a schema that is damaged', async () => {
    make('create table a (x)', 'pragma writable_schema = on', "update sqlite_schema set sql = 'create tible'")
    expect(await refused(file)).toMatch(/malformed/)
  })

  it('a file that somebody has locked as a whole, who is named', async () => {
    make('create table a (x)')
    await using neighbour = childProcess(holdOpen, { args: [file, 'locked'] })
    await neighbour.reached('open')
    expect((await lockkeeper('doctor', file)).stderr).toMatch(
      process.platform === 'linux'
        ? new RegExp(`locked as a whole.*open in ${neighbour.pid} `)
        : /locked as a whole/,
    )
  })

  it('a name with a line break', async () => {
    expect(await refused(folder.file('two\nlines'))).toMatch(/two lines/)
  })

  it('a report that is none, is not there, is no JSON, or is the database', async () => {
    make('pragma journal_mode = wal', 'create table a (x)')
    const report = folder.file('report.json')
    for (const before of [[], [file]]) {
      expect(await refused(...before, '--report', report)).toMatch(/there is no such file/)
      expect(await refused(...before, '--report', folder.path)).toMatch(/it is a folder/)
      expect(await refused(...before, '--report', file)).toMatch(/is not JSON/)
    }
    await writeFile(report, '{"version": 2}')
    expect(await refused('--report', report)).toMatch(/version 2/)
    await writeFile(report, '[]')
    expect(await refused('--report', report)).toMatch(/This is no report/)
  })

  it.runIf(process.platform === 'linux')('a report that never ends', async () => {
    expect(await refused('--report', '/dev/zero')).toMatch(/too long for a report/)
  })
})

it('doctor --report prints the verdict on a saved report, or its findings as JSON', async () => {
  await writeFile(folder.file('report.json'), JSON.stringify(connectStorm))
  const { stdout } = await doctor('--report', folder.file('report.json'))
  expect(stdout).toMatch(/high holder\n +`blobs\.putMany` holds the write lock/)
  const { findings } = JSON.parse((await doctor('--report', folder.file('report.json'), '--json')).stdout)
  expect(findings[0]).toMatchObject({ kind: 'holder', subject: 'blobs.putMany' })
})

it('follows a link to where the log is', async () => {
  make('pragma journal_mode = wal', 'create table a (x)')
  await mkdir(folder.file('links'))
  await symlink(file, folder.file('links/b.db'))
  const { inspection } = JSON.parse((await lockkeeper('doctor', folder.file('links/b.db'), '--json')).stdout)
  expect(inspection.file).toMatch(/a\.db$/)
  expect(await readdir(folder.file('links'))).toEqual(['b.db'])
})
