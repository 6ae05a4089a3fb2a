// health() writes and reads for real, and answers whatever the state: promises 3, 7 and 15 while another process has the lock.
import { type Database, openDatabase } from '@lockkeeper/core'
import { childProcess, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from './notes.ts'

let folder: TemporaryFolder
let db: Database

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('a.db'), migrations })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

describe('health', () => {
  it('commits and reads, and says how long each took and waited', async () => {
    const before = db.report()
    const { ok, write, read } = await db.health({ deadlineMs: 20_000 })
    const after = db.report()
    expect({ ok, write: write.ok, read: read.ok }).toEqual({ ok: true, write: true, read: true })
    expect(after.batches - before.batches).toBe(1)
    expect(after.lanes.user.committed - before.lanes.user.committed).toBe(1)
    expect(after.reads.answered - before.reads.answered).toBe(1)
    for (const { ms, waitMs } of [write, read]) {
      expect(ms).toBeGreaterThan(0)
      expect(waitMs).toBeLessThanOrEqual(ms)
    }
  })

  it('says that another process holds the lock, while reads go on; and is well again when it is free', async () => {
    await using neighbour = childProcess(new URL('./programs/hold-lock.ts', import.meta.url), {
      args: [db.file],
    })
    await neighbour.reached('locked')
    const { ok, write, read, slow } = await db.health({ deadlineMs: 300 })
    expect({ ok, write: write.ok, read: read.ok }).toEqual({ ok: false, write: false, read: true })
    expect(write.error).toMatchObject({ code: 'deadline-exceeded', label: 'lockkeeper.health' })
    expect(slow[0]).toMatch(/^a write was not done within \d+ ms$/)
    expect(slow[1]).toMatch(/^another process holds the write lock/)
    neighbour.pass('locked')
    await neighbour.reached('released')
    expect(await db.health({ deadlineMs: 20_000 })).toMatchObject({ ok: true })
  })

  it('is an answer for a closed database, too', async () => {
    await db.close()
    const { ok, write, read, slow } = await db.health()
    expect(ok).toBe(false)
    expect(write.error).toMatchObject({ code: 'closed' })
    expect(read.error).toMatchObject({ code: 'closed' })
    expect(slow).toHaveLength(2)
  })
})
