// Promises 2, 4 and 13 for backups: made while everybody writes, complete up to a stated moment, sound, and never half there.
import { readdirSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type BackupProgress, type Database, openDatabase, procedures } from '@lockkeeper/core'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from './notes.ts'

const modules = {
  notes: procedures<typeof import('./procedures.ts')>(new URL('./procedures.ts', import.meta.url)),
}

let folder: TemporaryFolder
let db: Database<typeof modules>

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('a.db'), migrations, procedures: modules })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (body) values (?)'
const fill = (count: number) =>
  db.writeMany(
    insert,
    Array.from({ length: count }, () => ['x'.repeat(2_000)]),
  )
/** What lies in the folder beside the database itself. */
const others = () => readdirSync(folder.path).filter((name) => !name.startsWith(basename(db.file)))

/** Opens a copy as an app would, and reads it. */
async function readCopy<Value>(file: string, sql: string): Promise<Value[]> {
  await using copy = await openDatabase({ file, migrations })
  expect(await copy.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
  return await copy.readColumn<Value>(sql)
}

describe('a backup', () => {
  it('is a database of its own: one file, sound, that opens like any other', async () => {
    await fill(1_000)
    const file = folder.file('copy.db')
    const result = await db.backup(file)
    expect(result).toMatchObject({ file, restarts: 0, bytes: result.pages * 4_096 })
    expect(others()).toEqual(['copy.db'])
    expect(await readCopy(file, 'select count(*) from notes')).toEqual([1_000])
  })

  /*
   * users                            the backup
   * -----                            ----------
   * write without a pause            copies between their batches
   * are answered                     complete: tells `checking`
   * write on                         checks
   *
   * What was acknowledged before `checking` is in the copy, and nothing else is.
   */
  it('has just what was acknowledged before it was complete, however users write', async () => {
    await fill(5_000)
    const acknowledged: number[] = []
    let claimed: number[] | undefined
    let isOver = false
    const first = 1_000_000
    let next = first
    const user = async (): Promise<void> => {
      while (!isOver) {
        const id = next++
        await db.write('insert into notes (id, body) values (?, ?)', [id, 'user'])
        acknowledged.push(id)
      }
    }
    const users = Array.from({ length: 8 }, user)
    await until('users write', () => acknowledged.length > 100)
    const heard: BackupProgress[] = []
    const result = await db.backup(folder.file('copy.db'), {
      onProgress: (progress) => {
        heard.push(progress)
        if (progress.phase === 'checking') claimed = [...acknowledged]
      },
    })
    isOver = true
    await Promise.all(users)
    expect(claimed?.length).toBeGreaterThan(100)
    expect(acknowledged.length).toBeGreaterThan(claimed?.length ?? 0)
    const copied = await readCopy<number>(
      result.file,
      `select id from notes where id >= ${first} order by id`,
    )
    expect(copied).toEqual(claimed?.toSorted((a, b) => a - b))
    expect(heard.length).toBeGreaterThan(1)
    for (const { pagesDone, pagesTotal } of heard) expect(pagesDone).toBeLessThanOrEqual(pagesTotal)
    const last = heard.at(-1)
    expect(last).toEqual({ phase: 'checking', pagesDone: result.pages, pagesTotal: result.pages })
  })

  it('goes on through a vacuum and a checkpoint', async () => {
    await fill(3_000)
    await db.write('delete from notes where id % 2')
    const backup = db.backup(folder.file('copy.db'))
    await Promise.all([db.vacuum({ lane: 'user' }), db.checkpoint()])
    await backup
    expect(await readCopy(folder.file('copy.db'), 'select count(*) from notes')).toEqual([1_500])
  })

  it('ends by its signal while it copies or checks, and by its deadline, and leaves nothing', async () => {
    await fill(5_000)
    for (const phase of ['copying', 'checking']) {
      const aborting = new AbortController()
      const backup = db.backup(folder.file('copy.db'), {
        signal: aborting.signal,
        label: 'nightly',
        onProgress: (progress) => {
          if (progress.phase === phase) aborting.abort()
        },
      })
      await expect(backup, phase).rejects.toMatchObject({ code: 'aborted', label: 'nightly' })
      await until('nothing is left', () => others().length === 0)
    }
    await expect(db.backup(folder.file('copy.db'), { deadlineMs: 0 })).rejects.toMatchObject({
      code: 'deadline-exceeded',
    })
    await until('nothing is left', () => others().length === 0)
    await db.backup(folder.file('copy.db'))
  })

  it('fails with what its onProgress throws, and leaves nothing', async () => {
    await fill(5_000)
    const onProgress = () => {
      throw new Error('mine')
    }
    await expect(db.backup(folder.file('copy.db'), { onProgress })).rejects.toThrow('mine')
    expect(others()).toEqual([])
  })

  it('ends when the database closes, and leaves nothing', async () => {
    await fill(5_000)
    const backup = db.backup(folder.file('copy.db'))
    const closing = db.close()
    await expect(backup).rejects.toMatchObject({ code: 'closed' })
    await closing
    expect(others()).toEqual([])
    await expect(db.backup(folder.file('copy.db'))).rejects.toMatchObject({ code: 'closed' })
  })

  it('ends with the writer’s thread, retryable, and leaves nothing', async () => {
    await fill(5_000)
    const backup = db.backup(folder.file('copy.db'))
    const killer = db.call.notes.die(undefined).outcome()
    await expect(backup).rejects.toMatchObject({ code: 'thread-lost', retryable: true })
    expect(others()).toEqual([])
    await killer
    await db.write(insert, ['back'])
    await db.backup(folder.file('copy.db'))
  })
})

describe('a backup is refused', () => {
  it('where a file stands, unless it may be replaced; and then only at the end', async () => {
    const file = folder.file('copy.db')
    writeFileSync(file, 'precious')
    await expect(db.backup(file)).rejects.toMatchObject({ code: 'file-exists', stage: 'admission' })
    const { pages } = await db.backup(file, { overwrite: true })
    expect(pages).toBeGreaterThan(0)
    expect(await readCopy(file, 'select count(*) from notes')).toEqual([0])
  })

  it('where a log stands beside the target, which would be played back into it', async () => {
    writeFileSync(folder.file('copy.db-wal'), '')
    await expect(db.backup(folder.file('copy.db'), { overwrite: true })).rejects.toMatchObject({
      code: 'file-exists',
    })
  })

  it('onto the database itself or another open one, into a missing folder, and without a name', async () => {
    await using other = await openDatabase({ file: folder.file('b.db') })
    for (const file of [db.file, other.file, '', ':memory:'])
      await expect(db.backup(file, { overwrite: true })).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(db.backup(folder.file('none/copy.db'))).rejects.toMatchObject({ code: 'cannot-open' })
  })

  it('while another one is under way', async () => {
    const first = db.backup(folder.file('copy.db'))
    await expect(db.backup(folder.file('copy2.db'))).rejects.toMatchObject({ code: 'backup-running' })
    await first
    expect(others()).toEqual(['copy.db'])
  })
})

describe('a backup while another process writes', () => {
  it('is begun anew a bounded number of times, then given up with a typed error', async () => {
    await fill(20_000)
    await using neighbour = childProcess(new URL('./programs/keep-writing.ts', import.meta.url), {
      args: [db.file],
    })
    await neighbour.reached('writing')
    neighbour.pass('writing')
    await expect(db.backup(folder.file('copy.db'))).rejects.toMatchObject({
      code: 'backup-overtaken',
      retryable: true,
    })
    expect(others()).toEqual([])
    neighbour.kill()
    await neighbour.exited
    const { restarts } = await db.backup(folder.file('copy.db'))
    expect(restarts).toBeLessThan(2)
  })
})
