// Promises 2 and 17 when somebody meddles with the files: what is gone from under us is not written into, what is damaged is not
// written on, and right reads go on.
import { copyFile, mkdir, open as openFile, rename, rm, truncate } from 'node:fs/promises'
import { type Database, type LockkeeperError, openDatabase } from '@lockkeeper/core'
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from '../concurrency/notes.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

const open = (at = file): Promise<Database> => openDatabase({ file: at, migrations })
const insert = 'insert into notes values (?, ?)'
const idsOf = (db: Database): Promise<number[]> => db.readColumn<number>('select id from notes order by id')
const degraded = (db: Database): Promise<LockkeeperError> => {
  const told = gate<LockkeeperError>()
  db.on('degraded', told.open)
  return told.opened
}

describe('a file that goes while it is open', () => {
  // Replaced, its log must not be left for the new file: SQLite would take it for that one's.
  it.each(['removed', 'replaced'])('%s: nothing is acknowledged into it, reads go on', async (how) => {
    await using other = await open(folder.file('other.db'))
    await other.write(insert, [7, 'of another database'])
    await other.close()
    await using db = await open()
    await db.write(insert, [1, 'x'])
    // A reader that is only starting could not open what has gone.
    expect(await idsOf(db)).toEqual([1])
    const told = degraded(db)
    if (how === 'removed') await rm(file)
    else await rename(folder.file('other.db'), file)
    const outcomes = await Promise.all([2, 3].map((id) => db.write(insert, [id, 'x']).outcome()))
    for (const ended of outcomes)
      expect(ended).toMatchObject({
        outcome: 'not-stored',
        error: { code: 'file-replaced' },
      })
    expect(await told).toMatchObject({
      code: 'file-replaced',
      message: expect.stringContaining('put the file back'),
    })
    expect(await idsOf(db)).toEqual([1])
    expect(await db.write(insert, [4, 'x']).outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'file-replaced', stage: 'admission', retryable: true },
    })
    await db.close()
    if (how === 'replaced') {
      await using found = await open()
      expect(await idsOf(found)).toEqual([7])
    }
  })

  it('unnoticed, since nobody wrote, leaves no log that would be taken for the next one’s', async () => {
    await using other = await open(folder.file('other.db'))
    await other.write(insert, [7, 'of another database'])
    await other.close()
    const db = await open()
    await db.write(insert, [1, 'x'])
    await rename(folder.file('other.db'), file)
    await db.close()
    await using found = await open()
    expect(await idsOf(found)).toEqual([7])
  })

  it('is written again when it is back, with everything in it', async () => {
    await using db = await open()
    await db.write(insert, [1, 'x'])
    const told = degraded(db)
    const recovered = gate<unknown>()
    db.on('recovered', recovered.open)
    await rename(file, folder.file('away.db'))
    expect(await db.write(insert, [2, 'x']).outcome()).toMatchObject({ error: { code: 'file-replaced' } })
    await told
    await rename(folder.file('away.db'), file)
    await recovered.opened
    await db.write(insert, [3, 'x'])
    expect(await idsOf(db)).toEqual([1, 3])
  })

  it('only its log: what was acknowledged is saved into the file, and nothing more is', async () => {
    const db = await open()
    await db.write(insert, [1, 'x'])
    const told = degraded(db)
    await rm(`${file}-wal`)
    expect(await db.write(insert, [2, 'x']).outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'file-replaced', message: expect.stringContaining('close and open') },
    })
    await told
    expect(await idsOf(db)).toEqual([1])
    await db.close()
    await using again = await open()
    expect(await idsOf(again)).toEqual([1])
    await again.write(insert, [3, 'x'])
  })
})

/** Spoils a page of the table's, which must be in the file and in nobody's cache. */
async function spoilNotes(): Promise<void> {
  const db = new Sqlite(file)
  db.pragma('wal_checkpoint(truncate)')
  const root = db.prepare("select rootpage from sqlite_schema where name = 'notes'").pluck().get() as number
  const size = db.pragma('page_size', { simple: true }) as number
  db.close()
  await using handle = await openFile(file, 'r+')
  await handle.write(Buffer.alloc(size, 0xff), 0, size, (root - 1) * size)
}

describe('a damaged page', () => {
  it('stops writes for good once the writer meets it; reads that do not touch it go on', async () => {
    {
      await using db = await open()
      await db.write(insert, [1, 'x'])
    }
    await spoilNotes()
    await using db = await open()
    const stopped = gate<LockkeeperError>()
    db.on('writer-stopped', stopped.open)
    const told = degraded(db)
    const met = await db.write(insert, [2, 'x']).outcome()
    expect(met).toMatchObject({ outcome: 'not-stored', error: { code: 'sqlite-corrupt', retryable: false } })
    expect(await told).toMatchObject({ code: 'sqlite-corrupt', message: expect.stringContaining('backup') })
    await stopped.opened
    await until('the writer has stopped', () => db.report().states.writer === 'stopped')
    expect(db.report().states.database).toBe('degraded')
    expect(await db.write('insert into copies values (1)').outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'sqlite-corrupt', stage: 'admission', retryable: false },
    })
    expect(await db.readValue('select count(*) from copies')).toBe(0)
    await expect(db.read('select * from notes')).rejects.toMatchObject({
      code: 'sqlite-corrupt',
      stage: 'read',
    })
    expect(db.report().restarts.readers).toBe(0)
  })
})

describe('a log that was left beside the file', () => {
  /** The files as they are while the database is open, as a crash would leave them. */
  async function crashed(name: string, ids: readonly number[]): Promise<string> {
    await mkdir(folder.file(name))
    const at = folder.file(`${name}/a.db`)
    await using db = await open(folder.file(`${name}.db`))
    for (const id of ids) await db.write(insert, [id, 'x'.repeat(10_000)])
    await copyFile(folder.file(`${name}.db`), at)
    await copyFile(folder.file(`${name}.db-wal`), `${at}-wal`)
    return at
  }

  it('and cut off: what lies before the cut, up to the last whole commit, is there', async () => {
    const at = await crashed('cut', [1, 2, 3, 4])
    await using log = await openFile(`${at}-wal`)
    const { size } = await log.stat()
    await truncate(`${at}-wal`, size - 5_000)
    await using db = await open(at)
    expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
    expect(await idsOf(db)).toEqual([1, 2, 3])
    await db.write(insert, [9, 'x'])
  })

  it('of another database is taken for its own by SQLite: known, and not to be helped', async () => {
    const file = await crashed('mine', [1, 2, 3, 4, 5, 6, 7, 8])
    {
      await using db = await open(file)
      expect(await idsOf(db)).toHaveLength(8)
    }
    await copyFile(`${await crashed('other', [1])}-wal`, `${file}-wal`)
    const found = await wholeIds(file)
    expect(found).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

/** The rows, or what is wrong with the file: its code, or the integrity check's complaint. */
async function wholeIds(at: string): Promise<unknown> {
  try {
    await using db = await open(at)
    const complaints = await db.readColumn<string>('select * from pragma_integrity_check')
    return complaints[0] === 'ok' ? await idsOf(db) : complaints
  } catch (thrown) {
    return (thrown as LockkeeperError).code
  }
}
