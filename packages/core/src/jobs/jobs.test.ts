// Jobs: exactly once per step, progress, pause, resume, cancel, list; users pass between steps (promise 4). Crashes are in
// test/crash/jobs.test.ts.
import { gate, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { schema } from '../../fixtures/notes-procedures.ts'
import { openDatabase } from '../database/open.ts'
import type { Database } from '../database/types.ts'
import { type ProceduresReference, procedures } from '../procedures/reference.ts'

type Modules = { work: ProceduresReference<typeof import('../../fixtures/job-procedures.ts')> }

let folder: TemporaryFolder
let db: Database<Modules>

function open(modules = true): Promise<Database<Modules>> {
  const work = procedures<typeof import('../../fixtures/job-procedures.ts')>(
    new URL('../../fixtures/job-procedures.ts', import.meta.url),
  )
  return openDatabase({
    file: folder.file('a.db'),
    migrations: [{ set: 'test', id: 1, name: 'notes', sql: schema }],
    procedures: (modules ? { work } : {}) as Modules,
  })
}

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await open()
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const ids = (): Promise<number[]> => db.readColumn('select id from notes order by id')

describe('a job', () => {
  it('runs to its end, tells its progress after every step, and answers with what it returned', async () => {
    const told: unknown[] = []
    const job = db.jobs.start.work.addMany({ upto: 3 })
    job.on('progress', ({ done, total }) => told.push([done, total]))
    expect(await job).toEqual({ added: 3 })
    expect(job.status).toBe('done')
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [3, 3],
    ])
    expect(await ids()).toEqual([1, 2, 3])
    expect(db.jobs.list()).toEqual([])
  })

  it('lets users pass between its steps', async () => {
    const job = db.jobs.start.work.addMany({ upto: 200 })
    const stepped = gate()
    job.on('progress', () => stepped.open())
    await stepped.opened
    await db.write('insert into notes (id) values (1000)')
    expect(job.status).toBe('running')
    await job
    expect((await ids()).length).toBe(201)
  })

  it('pauses after the step that runs, stays paused across a restart, and goes on where it was', async () => {
    const job = db.jobs.start.work.addMany({ upto: 500 }, { id: 'the-job' })
    const stepped = gate()
    job.on('progress', () => stepped.open())
    await stepped.opened
    await job.pause()
    const { length } = await ids()
    expect(length).toBeGreaterThan(0)
    expect(length).toBeLessThan(500)
    await db.close()

    db = await open()
    const [again] = db.jobs.list()
    expect(again).toMatchObject({ id: 'the-job', procedure: 'work.addMany', status: 'paused' })
    expect((await ids()).length).toBe(length)
    await again?.resume()
    expect(await again).toEqual({ added: 500 })
    expect((await ids()).length).toBe(500)
  })

  it('left running when the database closes goes on at the next opening, by itself', async () => {
    const job = db.jobs.start.work.addMany({ upto: 300 }, { id: 'the-job' })
    const stepped = gate()
    job.on('progress', () => stepped.open())
    await stepped.opened
    await db.close()
    db = await open()
    const [again] = db.jobs.list()
    expect(again?.id).toBe('the-job')
    expect(await again).toEqual({ added: 300 })
    expect((await ids()).length).toBe(300)
  })

  it('goes on when a listener throws, and the error is told as a warning', async () => {
    const warned = gate<Error>()
    const onWarning = (warning: Error) => {
      if (warning.message === 'of no concern to the job') warned.open(warning)
    }
    process.on('warning', onWarning)
    const job = db.jobs.start.work.addMany({ upto: 3 })
    const told: unknown[] = []
    job.on('progress', () => {
      throw new RangeError('of no concern to the job')
    })
    job.on('progress', ({ done }) => told.push(done))
    expect(await job).toEqual({ added: 3 })
    expect(told).toEqual([1, 2, 3, 3])
    expect(await warned.opened).toBeInstanceOf(RangeError)
    process.off('warning', onWarning)
  })

  it('is cancelled: what its steps wrote stays, and whoever awaits it is told', async () => {
    const job = db.jobs.start.work.addMany({ upto: 100_000 })
    const stepped = gate()
    job.on('progress', () => stepped.open())
    await stepped.opened
    await job.cancel()
    await expect(Promise.resolve(job)).rejects.toMatchObject({ code: 'aborted', label: 'work.addMany' })
    expect(job.status).toBe('cancelled')
    expect((await ids()).length).toBeGreaterThan(0)
    expect(db.jobs.list()).toEqual([])
  })

  it('that throws fails: the step is undone, earlier ones stay, and the reason is told', async () => {
    const job = db.jobs.start.work.failSecond(undefined)
    await expect(Promise.resolve(job)).rejects.toMatchObject({
      code: 'procedure-failed',
      message: 'no further',
    })
    expect(job.status).toBe('failed')
    expect(await ids()).toEqual([1])
  })

  it('started again under its id joins the one that runs, and answers with the result of one that has ended', async () => {
    const first = db.jobs.start.work.addMany({ upto: 50 }, { id: 'once' })
    expect(db.jobs.start.work.addMany({ upto: 50 }, { id: 'once' })).toBe(first)
    await first
    expect(await db.jobs.start.work.addMany({ upto: 50 }, { id: 'once' })).toEqual({ added: 50 })
    expect((await ids()).length).toBe(50)
  })

  it('under an id that another procedure has is refused', async () => {
    await db.jobs.start.work.addMany({ upto: 1 }, { id: 'taken' })
    const other = db.jobs.start.work.countInMemory({ upto: 1 }, { id: 'taken' })
    await expect(Promise.resolve(other)).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('whose procedure is unknown stays listed as blocked, and goes on once it is known again', async () => {
    const job = db.jobs.start.work.addMany({ upto: 300 }, { id: 'the-job' })
    const stepped = gate()
    job.on('progress', () => stepped.open())
    await stepped.opened
    await db.close()
    db = await open(false)
    expect(db.jobs.list()).toMatchObject([{ id: 'the-job', status: 'blocked' }])
    await db.close()
    db = await open()
    expect(await db.jobs.list()[0]).toEqual({ added: 300 })
  })

  it('whose procedure is unknown is not resumed, but paused and cancelled as any other', async () => {
    for (const id of ['kept', 'dropped']) {
      const job = db.jobs.start.work.addMany({ upto: 100_000 }, { id })
      const stepped = gate()
      job.on('progress', () => stepped.open())
      await stepped.opened
      await job.pause()
      await db.write('delete from notes')
    }
    await db.close()
    db = await open(false)
    const [kept, dropped] = db.jobs.list()
    await expect(kept?.resume()).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('work.addMany is unknown to this app'),
    })
    expect(kept?.status).toBe('blocked')
    await kept?.pause()
    await expect(kept?.resume()).rejects.toMatchObject({ code: 'invalid-argument' })
    await dropped?.cancel()
    expect(dropped?.status).toBe('cancelled')
    await db.close()
    db = await open()
    expect(db.jobs.list()).toMatchObject([{ id: 'kept', status: 'paused' }])
    await db.jobs.list()[0]?.cancel()
  })

  it('gets a new transaction with each step; the old one is dead (promise 9)', async () => {
    const job = db.jobs.start.work.keepHandle(undefined)
    await expect(Promise.resolve(job)).rejects.toMatchObject({ code: 'transaction-ended' })
    expect(await ids()).toEqual([])
  })

  it('that yields something else than a cursor is refused with the way to do it', async () => {
    const job = db.jobs.start.work.yieldNonsense(undefined)
    await expect(Promise.resolve(job)).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})
