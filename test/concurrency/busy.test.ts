// Promises 3, 7, 15, 16 and 17 while another process holds the write lock: writes wait and are stored, given up or taken back
// with an honest outcome; every busy answer is counted; reads go on.
import { type Database, openDatabase } from '@lockkeeper/core'
import {
  type ChildProcess,
  childProcess,
  type TemporaryFolder,
  temporaryFolder,
  until,
} from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from './notes.ts'

let folder: TemporaryFolder
let file: string
let db: Database

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  db = await openDatabase({ file, migrations })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (body) values (?)'
const bodies = () => db.readColumn<string>('select body from notes order by id')
const busy = () => db.report().busy['sqlite-busy'] ?? 0

async function lockedByNeighbour(): Promise<ChildProcess> {
  const neighbour = childProcess(new URL('./programs/hold-lock.ts', import.meta.url), { args: [file] })
  await neighbour.reached('locked')
  return neighbour
}

/** Until the writer has met the taken lock several times more. */
async function waitedForLock(): Promise<void> {
  const before = busy()
  await until('the writer waited for the lock', () => busy() >= before + 5)
}

describe('a lock that another process holds', () => {
  /*
   * here                             the other process
   * ----                             -----------------
   *                                  BEGIN IMMEDIATE
   * writes, and waits
   * reads, all the while
   *                                  INSERT; COMMIT
   * the write is stored
   */
  it('makes a write wait, counted as busy, and lets it through when it is free; reads go on', async () => {
    await using neighbour = await lockedByNeighbour()
    const tickets = [db.write(insert, ['ours 1']), db.write(insert, ['ours 2'])]
    await waitedForLock()
    for (let n = 0; n < 20; n++) expect(await db.readValue('select ?', [n])).toBe(n)
    expect(await bodies()).toEqual([])
    neighbour.pass('locked')
    const stored = await Promise.all(tickets)
    expect(stored.map(({ changes }) => changes)).toEqual([1, 1])
    expect(await bodies()).toEqual(['theirs', 'ours 1', 'ours 2'])
    const { busy: met, lanes, restarts } = db.report()
    expect(Object.keys(met)).toEqual(['sqlite-busy'])
    expect(lanes.user).toMatchObject({ committed: 2, failed: 0 })
    expect(restarts).toEqual({ writer: 0, readers: 0 })
  })

  it('does not stop a write’s deadline, nor its signal', async () => {
    await using neighbour = await lockedByNeighbour()
    const aborting = new AbortController()
    const overdue = db.write(insert, ['overdue'], { deadlineMs: 100, label: 'notes.hurry' })
    const aborted = db.write(insert, ['aborted'], { signal: aborting.signal })
    const patient = db.write(insert, ['patient'])
    expect(await overdue.outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'deadline-exceeded', retryable: true, label: 'notes.hurry' },
    })
    aborting.abort()
    expect(await aborted.outcome()).toMatchObject({ outcome: 'not-stored', error: { code: 'aborted' } })
    neighbour.pass('locked')
    await patient
    expect(await bodies()).toEqual(['theirs', 'patient'])
  })

  it('does not keep a database from closing: what waits is reported as not written', async () => {
    await using neighbour = await lockedByNeighbour()
    const ticket = db.write(insert, ['ours'])
    await waitedForLock()
    expect(await db.close({ deadlineMs: 0 })).toEqual({ notWritten: { user: 1, sync: 0, background: 0 } })
    expect(await ticket.outcome()).toMatchObject({ outcome: 'not-stored', error: { code: 'closed' } })
    neighbour.pass('locked')
    await neighbour.reached('released')
    db = await openDatabase({ file, migrations })
    expect(await bodies()).toEqual(['theirs'])
  })

  it('that dies with its process is free at once, and its work is gone', async () => {
    await using neighbour = await lockedByNeighbour()
    const ticket = db.write(insert, ['ours'])
    await waitedForLock()
    neighbour.kill()
    expect(await ticket).toMatchObject({ changes: 1 })
    expect(await bodies()).toEqual(['ours'])
  })

  it('makes an opening with a migration wait, not fail', async () => {
    await db.close()
    await using neighbour = await lockedByNeighbour()
    const second = { set: 'test', id: 2, name: 'more', sql: 'create table more (a text) strict' }
    const started = Promise.withResolvers<void>()
    const opening = openDatabase({
      file,
      migrations: [...migrations, second],
      onMigration: () => started.resolve(),
    })
    await started.promise
    neighbour.pass('locked')
    db = await opening
    expect(await bodies()).toEqual(['theirs'])
    expect(await db.readValue('select count(*) from more')).toBe(0)
  })
})

describe('two processes with a Lockkeeper each on one file', () => {
  it('both get all their writes stored', async () => {
    const count = 300
    await using other = childProcess(new URL('./programs/write-many.ts', import.meta.url), {
      args: [file, String(count)],
    })
    await other.reached('open')
    other.pass('open')
    for (let n = 0; n < count; n += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => db.write(insert, [`ours ${n + i}`])))
    }
    expect(await other.exited).toEqual({ code: 0, signal: null, stderr: '' })
    expect(other.told).toEqual([count])
    const stored = await bodies()
    expect(stored.filter((body) => body.startsWith('ours'))).toEqual(
      Array.from({ length: count }, (_, n) => `ours ${n}`),
    )
    expect(stored.filter((body) => body.startsWith('theirs'))).toEqual(
      Array.from({ length: count }, (_, n) => `theirs ${n}`),
    )
  })
})
