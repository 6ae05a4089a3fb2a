// Promises 2, 3 and 17 on a real file system that is too small: writes stop with a reason, right reads go on, and once there is
// space again service goes on in the same process. Nothing acknowledged is lost.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, type LockkeeperError, openDatabase } from '@lockkeeper/core'
import { gate, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { migrations } from '../concurrency/notes.ts'
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from './small-disk.ts'

const folder = await temporaryFolder()
afterAll(() => folder[Symbol.asyncDispose]())
const why = whyNoSmallDisk(folder.path)
const bytes = 8 * 1_048_576
/** More than the log can come to beside it: it has to be copied into the file before anything else has room. */
const ballastBytes = 5 * 1_048_576

function mounted(): SmallDisk {
  const disk = mountSmallDisk(folder.path, bytes)
  if (typeof disk === 'string') throw new Error(disk)
  return disk
}

describe.skipIf(why !== undefined)(`a small disk${why === undefined ? '' : ` (left out: ${why})`}`, () => {
  it('that is full stops writes, not reads; when space is freed service goes on, with nothing lost', async () => {
    await using disk = mounted()
    const file = join(disk.path, 'a.db')
    const ballast = join(disk.path, 'ballast')
    await writeFile(ballast, Buffer.alloc(ballastBytes))
    const acknowledged = new Set<number>()
    const refused = new Set<number>()
    {
      await using db = await openDatabase({ file, migrations })
      const degraded = gate<LockkeeperError>()
      const recovered = gate<{ readonly from: LockkeeperError }>()
      db.on('degraded', degraded.open)
      db.on('recovered', recovered.open)
      let id = 0
      const write = async (size: number): Promise<void> => {
        const number = ++id
        const ended = await db.write('insert into notes values (?, ?)', [number, 'x'.repeat(size)]).outcome()
        expect(ended.outcome).not.toBe('unknown')
        if (ended.outcome === 'committed') acknowledged.add(number)
        else {
          refused.add(number)
          expect(ended).toMatchObject({ error: { code: 'sqlite-full', retryable: true } })
        }
      }
      // Large ones until one does not fit, which fails alone; then, with the rest of the disk taken, until nothing does.
      while (refused.size === 0) await Promise.all([write(100_000), write(10)])
      await writeFile(join(disk.path, 'more'), Buffer.alloc(bytes)).catch(() => {})
      while (db.report().states.database === 'ready') await Promise.all([write(3_000), write(3_000)])
      expect(await degraded.opened).toMatchObject({ code: 'sqlite-full' })
      expect(db.report().states.database).toBe('degraded')

      // Writes are refused at the door, at once, and say when to come back; reads are right.
      const atTheDoor = await db.write('insert into notes values (?, ?)', [0, '']).outcome()
      expect(atTheDoor).toMatchObject({
        outcome: 'not-stored',
        error: { code: 'sqlite-full', stage: 'admission', retryable: true, retryAfterMs: expect.any(Number) },
      })
      expect(new Set(await idsOf(db))).toEqual(acknowledged)

      await rm(ballast)
      expect((await recovered.opened).from).toMatchObject({ code: 'sqlite-full' })
      await until('the database is ready', () => db.report().states.database === 'ready')
      await write(100_000)
      expect(acknowledged.has(id)).toBe(true)
      expect(db.report().states.writer).toMatch(/^running\./)
    }
    await using db = await openDatabase({ file, migrations })
    expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
    expect(new Set(await idsOf(db))).toEqual(acknowledged)
  })

  it('that is full is no reason to stay: closing ends within its deadline, and the next opening finds everything', async () => {
    await using disk = mounted()
    const file = join(disk.path, 'b.db')
    const db = await openDatabase({ file, migrations })
    const degraded = gate<LockkeeperError>()
    db.on('degraded', degraded.open)
    await db.write('insert into notes values (?, ?)', [1, 'x'])
    await writeFile(join(disk.path, 'ballast'), Buffer.alloc(bytes)).catch(() => {})
    while (db.report().states.database === 'ready')
      await db.write('insert into copies values (1) on conflict do nothing').outcome()
    expect(await degraded.opened).toMatchObject({ code: 'sqlite-full' })
    expect(await db.close()).toEqual({ notWritten: { user: 0, sync: 0, background: 0 } })
    await rm(join(disk.path, 'ballast'))
    await using again = await openDatabase({ file, migrations })
    expect(await idsOf(again)).toEqual([1])
  })

  it('that becomes read-only suspends the writer, and takes writes again when it is writable', async () => {
    await using disk = mounted()
    await using db = await openDatabase({ file: join(disk.path, 'c.db'), migrations })
    await db.write('insert into notes values (?, ?)', [1, 'x'])
    const recovered = gate<unknown>()
    db.on('recovered', recovered.open)
    // With files open for writing the system refuses; then there is nothing to see here.
    if (!disk.setReadOnly(true)) {
      console.info('read-only (left out: the file system cannot be made read-only while it is in use)')
      return
    }
    const ended = await db.write('insert into notes values (?, ?)', [2, 'x']).outcome()
    expect(ended.outcome).not.toBe('committed')
    await until('the database is degraded', () => db.report().states.database === 'degraded')
    expect(await idsOf(db)).toEqual([1])
    expect(disk.setReadOnly(false)).toBe(true)
    await recovered.opened
    await db.write('insert into notes values (?, ?)', [3, 'x'])
  })
})

const idsOf = (db: Database): Promise<number[]> => db.readColumn<number>('select id from notes order by id')
