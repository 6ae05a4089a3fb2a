// Promises 13 and 16: reads in the app's thread work where they are asked for and as long as the database is open, and leave
// nothing behind.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { resolveOptions } from '../database/options.ts'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'
import { inThreadWarnAfterMs } from '../limits.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

const label = 'notes.peek'
const operations: Readonly<Record<string, (db: NotesDatabase) => unknown>> = {
  readSync: (db) => db.readSync('select 1 as a', [], { label }),
  'readSync of a compiled query': (db) => db.readSync({ sql: 'select ? as a', parameters: [1] }, { label }),
  readFirstSync: (db) => db.readFirstSync('select 1 as a', undefined, { label }),
  readValueSync: (db) => db.readValueSync('select 1', [], { label }),
  readColumnSync: (db) => db.readColumnSync('select 1', [], { label }),
  readArraysSync: (db) => db.readArraysSync('select 1', [], { label }),
}

/** How every operation ends: its answer, or its error in short. */
const endsOf = (db: NotesDatabase): readonly unknown[] =>
  Object.values(operations).map((run) => {
    try {
      return run(db)
    } catch (thrown) {
      if (!isLockkeeperError(thrown)) throw thrown
      expect(thrown.message).toMatch(/: \S/) // what happened, and what to do next
      expect(thrown.outcome).toBeUndefined()
      return `${thrown.code} ${thrown.stage} ${thrown.label}`
    }
  })

const answers = [[{ a: 1 }], [{ a: 1 }], { a: 1 }, 1, [1], [[1]]]
const each = (word: string): readonly string[] => Object.keys(operations).map(() => `${word} read ${label}`)

describe('every operation', () => {
  it.each([undefined, false])('where it is not asked for (%s), says which option to set', async (off) => {
    const db = await openNotes(file, { inThreadReader: off })
    expect(endsOf(db)).toEqual(each('not-enabled'))
    expect(() => db.readSync('select 1')).toThrow('inThreadReader: true')
    expect(db.report().inThread).toBeUndefined()
    await db.close()
    expect(endsOf(db)).toEqual(each('not-enabled'))
  })

  it('answers while the database is ready, and is refused from the moment it closes', async () => {
    const db = await openNotes(file, { inThreadReader: true })
    expect(endsOf(db)).toEqual(answers)
    expect(db.report().inThread).toMatchObject({ reads: 6, failed: 0 })
    expect(db.report().reads.answered).toBe(0)
    const closing = db.close()
    expect(endsOf(db)).toEqual(each('closed'))
    await closing
    expect(endsOf(db)).toEqual(each('closed'))
    expect(db.report().inThread).toMatchObject({ reads: 6, failed: 0 })
  })

  it('answers while closing waits for those who hand over their last writes', async () => {
    const db = await openNotes(file, { inThreadReader: true })
    let ends: readonly unknown[] = []
    db.beforeClose(async () => {
      await db.write('insert into notes (id) values (1)')
      ends = endsOf(db)
    })
    await db.close()
    expect(ends).toEqual(answers)
  })

  it('answers while the database is degraded: the writer has stopped, reads go on', async () => {
    const db = await openNotes(file, { inThreadReader: {} })
    const killers = [1, 2, 3].map((id) => db.call.notes.die({ id, body: `killer ${id}` }).outcome())
    await Promise.all(killers)
    await until('the database is degraded', () => db.report().states.database === 'degraded')
    expect(endsOf(db)).toEqual(answers)
    await db.close()
    expect(endsOf(db)).toEqual(each('closed'))
  })
})

describe('closing', () => {
  it.each([
    ['with', true],
    ['without', false],
  ])('leaves the file whole and no log beside it, %s the signals extension', async (_, signals) => {
    const db = await openNotes(file, { inThreadReader: true, signals })
    await db.write("insert into notes (id, body) values (1, 'a')")
    expect(db.readColumnSync('select body from notes')).toEqual(['a'])
    expect(existsSync(`${file}-wal`)).toBe(true)
    await db.close()
    expect([existsSync(file), existsSync(`${file}-wal`), existsSync(`${file}-shm`)]).toEqual([
      true,
      false,
      false,
    ])
    // Nobody holds the file any more: it can be opened anew.
    await using again = await openNotes(file, { inThreadReader: true, signals })
    expect(again.readValueSync('select body from notes')).toBe('a')
  })
})

describe('opening', () => {
  it('that fails in the app’s thread alone fails with a typed error, and leaves nothing open', async () => {
    const setUp = folder.file('set-up.mjs')
    // Other threads have a globalThis of their own.
    await writeFile(
      setUp,
      `export const setup = () => { if (globalThis.refusesSetUp) throw new Error('not here') }`,
    )
    const options = { inThreadReader: true, connection: pathToFileURL(setUp) }
    Object.assign(globalThis, { refusesSetUp: true })
    await expect(openNotes(file, options)).rejects.toMatchObject({ stage: 'open', message: 'not here' })
    Object.assign(globalThis, { refusesSetUp: false })
    await using db = await reopened(options)
    expect(db.readValueSync('select count(*) from notes')).toBe(0)
  })

  /** A file is refused until every thread that had it open has really gone. */
  async function reopened(options: Parameters<typeof openNotes>[1]): Promise<NotesDatabase> {
    for (;;) {
      const db = await openNotes(file, options).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'already-open' })
      })
      if (db !== undefined) return db
      await new Promise(setImmediate)
    }
  }
})

describe('SQLite', () => {
  it('is loaded into the app’s thread only where such reads are asked for', async () => {
    const program = new URL('../../fixtures/programs/load-in-thread.ts', import.meta.url)
    await using child = childProcess(program, { args: [file] })
    expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' })
    expect(child.told).toEqual([{ without: false, with: true }])
  })
})

describe('the option', () => {
  const resolve = (inThreadReader: unknown) =>
    resolveOptions({ file, inThreadReader: inThreadReader as never }).inThreadReader

  it('has a default, and may be left out', () => {
    expect([resolve(undefined), resolve(false)]).toEqual([undefined, undefined])
    for (const value of [true, {}, { warnAfterMs: undefined }]) {
      expect(resolve(value)).toEqual({ warnAfterMs: inThreadWarnAfterMs })
    }
    expect(resolve({ warnAfterMs: 0 })).toEqual({ warnAfterMs: 0 })
  })

  it.each([
    [null, 'inThreadReader is true or { warnAfterMs }, not null'],
    [5, 'inThreadReader is true or { warnAfterMs }, not 5'],
    [{ warnAfterMs: -1 }, 'inThreadReader.warnAfterMs is a number of milliseconds, not -1'],
    [{ warnAfterMs: '5' }, 'inThreadReader.warnAfterMs is a number of milliseconds, not 5'],
  ])('%j is refused, naming what is off', (value, message) => {
    expect(() => resolve(value)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        stage: 'open',
        message: expect.stringContaining(message),
      }),
    )
  })
})
