// Maintenance goes through the writer like any write (promises 1, 3, 4 and 15), but each task is a batch of its own, outside a
// transaction.
import { statSync } from 'node:fs'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engineRoom } from '../../fixtures/batch-runner.ts'
import { pendingWrite } from '../../fixtures/pending-writes.ts'
import { openDatabase } from '../database/open.ts'
import type { Database } from '../database/types.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { createMailbox } from '../writer/assemble.ts'

let folder: TemporaryFolder
let db: Database

const schema = { set: 'app', id: 1, name: 'notes', sql: 'create table notes (body text, n integer) strict' }

beforeEach(async () => {
  folder = await temporaryFolder()
  // With no slice at all, whatever is indivisible overstays it.
  const lanes = { background: { sliceMs: 0 } }
  // Nobody else looks after the log.
  const wal = { checkpoints: 'off' } as const
  db = await openDatabase({ file: folder.file('a.db'), migrations: [schema], lanes, wal })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const notes = (count: number) => Array.from({ length: count }, (_, n) => ['x'.repeat(500), n])
const insert = 'insert into notes values (?, ?)'
const logBytes = () => statSync(`${db.file}-wal`).size

describe('checkpoint', () => {
  it('copies the log into the file and empties it', async () => {
    await db.writeMany(insert, notes(200))
    expect(logBytes()).toBeGreaterThan(0)
    let done = await db.checkpoint()
    // A reader that is only starting looks at the file, and may keep the log from being emptied for so long.
    while (!done.emptied) done = await db.checkpoint()
    const { mode, frames, copied } = done
    expect(mode).toBe('truncate')
    expect(frames).toBeGreaterThan(20)
    expect(copied).toBe(frames)
    expect(logBytes()).toBe(0)
  })

  it('leaves the log’s file as it is when it is passive', async () => {
    await db.writeMany(insert, notes(200))
    const { frames, copied, emptied } = await db.checkpoint({ mode: 'passive' })
    expect(copied).toBe(frames)
    expect(emptied).toBe(false)
    expect(logBytes()).toBeGreaterThan(0)
  })

  it('copies what it can while a reader pins the log, and says that it is not emptied', async () => {
    await db.writeMany(insert, notes(10))
    await db.snapshot(async (snapshot) => {
      await snapshot.readValue('select count(*) from notes')
      await db.writeMany(insert, notes(200))
      const { frames, copied, emptied } = await db.checkpoint()
      expect(copied).toBeLessThan(frames)
      expect(emptied).toBe(false)
    })
    // The scope has ended; its reader lets go a moment later.
    while (!(await db.checkpoint()).emptied) expect(logBytes()).toBeGreaterThan(0)
    expect(logBytes()).toBe(0)
  })
})

describe('vacuum', () => {
  it('builds the database anew without its free pages; the file follows with a checkpoint', async () => {
    await db.writeMany(insert, notes(2_000))
    await db.checkpoint()
    const fileBytes = statSync(db.file).size
    await db.write('delete from notes where n % 10 > 0')
    const { bytesBefore, bytesAfter } = await db.vacuum()
    expect(bytesBefore).toBe(fileBytes)
    expect(bytesAfter).toBeLessThan(bytesBefore / 4)
    await db.checkpoint()
    expect(statSync(db.file).size).toBe(bytesAfter)
    expect(await db.readValue('select count(*) from notes')).toBe(200)
    expect(Object.keys(db.report().overstays)).toContain('lockkeeper.vacuum')
  })

  it('loses no write that is made at the same time', async () => {
    await db.writeMany(insert, notes(2_000))
    const vacuum = db.vacuum({ lane: 'user' })
    const writes = Array.from({ length: 50 }, (_, n) => db.write(insert, ['late', n]))
    await Promise.all([vacuum, ...writes])
    expect(await db.readValue(`select count(*) from notes where body = 'late'`)).toBe(50)
  })
})

describe('optimize', () => {
  it('makes statistics where there are none yet, also for tables that only readers query', async () => {
    await db.write('create index by_n on notes (n)')
    await db.writeMany(insert, notes(500))
    const { statements } = await db.optimize()
    expect(statements).toContain('ANALYZE "main"."notes"')
    expect(await db.readValue(`select stat from sqlite_stat1 where idx = 'by_n'`)).toMatch(/^500 /)
    expect(await db.optimize()).toMatchObject({ statements: [] })
  })
})

describe('every maintenance call', () => {
  it('has a label of its own, unless it is given one', async () => {
    const signal = AbortSignal.abort()
    for (const name of ['checkpoint', 'optimize', 'vacuum'] as const) {
      const failed = { outcome: 'not-stored', error: { code: 'aborted' } }
      expect(await db[name]({ signal }).outcome()).toMatchObject({
        ...failed,
        error: { ...failed.error, label: `lockkeeper.${name}` },
      })
      expect(await db[name]({ signal, label: 'mine' }).outcome()).toMatchObject({ error: { label: 'mine' } })
    }
  })

  it('rides the background lane, unless it is given one', async () => {
    await db.checkpoint()
    await db.optimize({ lane: 'sync' })
    expect(db.report().lanes.background.committed).toBe(1)
    expect(db.report().lanes.sync.committed).toBe(1)
  })

  it('refuses what makes no sense, with the reason', async () => {
    const calls = [
      db.checkpoint({ mode: 'full' as 'truncate' }),
      db.vacuum({ lane: 'slow' as 'user' }),
      db.optimize({ deadlineMs: -1 }),
    ]
    for (const call of calls)
      expect(await call.outcome()).toMatchObject({ error: { code: 'invalid-argument', stage: 'admission' } })
  })
})

describe('a task that another connection is in the way of', () => {
  it('is handed back like a batch that could not begin, counted as busy, and has not run', async () => {
    const room = await engineRoom(folder.file('b.db'))
    const neighbour = betterSqlite3.openWriter(folder.file('b.db'), { busyMs: 0 })
    neighbour.script('begin immediate')
    const { answers } = await room.run([{ kind: 'maintenance', task: { name: 'vacuum' } }])
    expect(answers).toMatchObject({
      answered: 0,
      contended: { code: 'sqlite-busy' },
      busy: { 'sqlite-busy': 1 },
    })
    neighbour.script('rollback')
    const again = await room.run([{ kind: 'maintenance', task: { name: 'vacuum' } }])
    expect(again.outcomes).toMatchObject([{ outcome: 'committed' }])
    neighbour.close()
    room.connection.close()
  })
})

describe('the mailbox', () => {
  it('cuts a batch before and after a task, so that it is alone; a probe shares one', () => {
    const mailbox = createMailbox()
    const statement = { kind: 'statement', sql: 'select 1', parameters: undefined } as const
    const vacuum = { kind: 'maintenance', task: { name: 'vacuum' } } as const
    const probe = { kind: 'maintenance', task: { name: 'probe' } } as const
    for (const work of [statement, probe, vacuum, vacuum, statement]) mailbox.enter(pendingWrite({ work }))
    const batches = []
    for (let batch = mailbox.takeBatch(); batch !== undefined; batch = mailbox.takeBatch())
      batches.push(batch.writes.map(({ work }) => work))
    expect(batches).toEqual([[statement, probe], [vacuum], [vacuum], [statement]])
  })
})
