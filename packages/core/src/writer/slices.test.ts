// Promise 4: a batch of a lower lane ends when its slice is over or somebody more urgent waits, after its current item, and
// the rest is handed back unbegun. It always gets at least one item done, so that nobody starves (promise 5).
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import { job, write } from '../procedures/define.ts'
import type { WriteWork } from './batch.ts'

let folder: TemporaryFolder
let room: EngineRoom

beforeEach(async () => {
  folder = await temporaryFolder()
  room = await engineRoom(folder.file('a.db'))
})

afterEach(async () => {
  room.connection.close()
  await folder[Symbol.asyncDispose]()
})

const add = (id: number): WriteWork => ({
  kind: 'statement',
  sql: 'insert into notes (id) values (?)',
  parameters: [id],
})
const works = [add(1), add(2), add(3)]

describe('a slice', () => {
  it('that is over commits what was done, one item at least, and hands the rest back', async () => {
    const { answers, outcomes } = await room.run(works, 0)
    expect(answers).toMatchObject({ answered: 1, commits: 1 })
    expect(outcomes).toMatchObject([{ outcome: 'committed' }])
    expect(room.column('select id from notes')).toEqual([1])
    expect(room.record()).toMatchObject({ answered: 1, failed: [] })
  })

  it('ends after the current item when somebody more urgent waits', async () => {
    room.control.askToYield(true)
    expect((await room.run(works)).answers).toMatchObject({ answered: 1, commits: 1 })
    room.control.askToYield(false)
    expect((await room.run(works.slice(1))).answers).toMatchObject({ answered: 2, commits: 1 })
    expect(room.column('select id from notes')).toEqual([1, 2, 3])
  })

  it('tells a procedure, and a job’s step, that could go on for long', async () => {
    const fill = write((tx, upto: number) => {
      let id = 0
      while (id < upto && !tx.shouldYield) {
        tx.run('insert into notes (id) values (?)', [++id])
        if (id === 3) room.control.askToYield(true)
      }
      return id
    })
    const fillAsJob = job(function* (step) {
      step.tx.run('insert into notes (weight) values (?)', [step.tx.shouldYield ? 1 : 0])
      yield { cursor: 1 }
    })
    const own = new Map<string, typeof fill | typeof fillAsJob>([
      ['notes.fill', fill],
      ['notes.fillAsJob', fillAsJob],
    ])
    room.connection.close()
    room = await engineRoom(folder.file('a.db'), undefined, own)
    const { outcomes } = await room.run([{ kind: 'procedure', name: 'notes.fill', input: 100 }])
    expect(outcomes).toMatchObject([{ outcome: 'committed', result: 3 }])
    const start = { order: 'start', id: 'fill', procedure: 'notes.fillAsJob', input: undefined } as const
    await room.runAll([
      { kind: 'job', order: start },
      { kind: 'job', order: { order: 'step', id: 'fill' } },
    ])
    expect(room.column('select weight from notes where weight is not null')).toEqual([1])
  })

  it('hands back the rest of a batch whose transaction was lost, too', async () => {
    const bad: WriteWork = {
      kind: 'statement',
      sql: 'insert or rollback into notes (id) values (1)',
      parameters: [],
    }
    room.connection.script('insert into notes (id) values (1)')
    room.control.askToYield(true)
    const { answers, outcomes } = await room.run([bad, add(2)])
    expect(answers).toMatchObject({ answered: 1, commits: 0 })
    expect(outcomes).toMatchObject([{ outcome: 'not-stored' }])
    expect(room.column('select id from notes')).toEqual([1])
  })

  it('ends between two items that run again alone, too: what is answered is the first of them, in order', async () => {
    const urgent = write((tx) => {
      // Somebody more urgent comes while the batch is being lost.
      room.control.askToYield(true)
      tx.run('insert or rollback into notes (id) values (9), (9)')
    })
    room.connection.close()
    room = await engineRoom(folder.file('a.db'), undefined, new Map([['notes.urgent', urgent]]))
    const lost: WriteWork = { kind: 'procedure', name: 'notes.urgent', input: undefined }
    const { answers, outcomes } = await room.run([...works, lost])
    expect(answers).toMatchObject({ answered: 1, commits: 1 })
    expect(outcomes).toMatchObject([{ outcome: 'committed' }])
    expect(room.column('select id from notes')).toEqual([1])
    expect(room.record()).toMatchObject({ answered: 1, failed: [] })
    expect(room.control.runningItem).toBeUndefined()

    room.control.askToYield(false)
    expect((await room.runAll([...works.slice(1), lost])).map(({ outcome }) => outcome)).toEqual([
      'committed',
      'committed',
      'not-stored',
    ])
    expect(room.column('select id from notes')).toEqual([1, 2, 3])
  })

  it('that is over while items run again alone hands the rest of them back', async () => {
    const sliceMs = 100
    let runs = 0
    const slowAgain = write((tx) => {
      const until = performance.now() + (runs++ === 0 ? 0 : sliceMs)
      while (performance.now() <= until) tx.value('select 1')
      tx.run('insert into notes (id) values (1)')
    })
    room.connection.close()
    room = await engineRoom(folder.file('a.db'), undefined, new Map([['notes.slowAgain', slowAgain]]))
    const bad: WriteWork = {
      kind: 'statement',
      sql: 'insert or rollback into notes (id) values (9), (9)',
      parameters: [],
    }
    const slowly: WriteWork = { kind: 'procedure', name: 'notes.slowAgain', input: undefined }
    const { answers, outcomes } = await room.run([slowly, add(2), bad], sliceMs)
    expect(answers).toMatchObject({ answered: 1, commits: 1 })
    expect(outcomes).toMatchObject([{ outcome: 'committed' }])
    expect(room.column('select id from notes')).toEqual([1])
  })

  /*
   * writer                                   another connection
   * ------                                   ------------------
   * BEGIN IMMEDIATE
   * item 1: inserts
   * item 2: ends the transaction
   *                                          BEGIN IMMEDIATE
   * item 2: fails
   * begins again for item 1, in vain
   * hands all of them back
   */
  it('hands back what must run again alone, if another process takes the lock first', async () => {
    const neighbour = new Database(folder.file('a.db'))
    const grab = write((tx) => {
      tx.run('insert into notes (id) values (5)')
      try {
        tx.run('insert or rollback into notes (id) values (5)')
      } finally {
        if (!neighbour.inTransaction) neighbour.exec('begin immediate')
      }
    })
    room.connection.close()
    room = await engineRoom(folder.file('a.db'), undefined, new Map([['notes.grab', grab]]))
    const mixed: WriteWork[] = [add(1), { kind: 'procedure', name: 'notes.grab', input: undefined }, add(2)]
    const { answers, outcomes } = await room.run(mixed)
    expect(answers).toMatchObject({ answered: 0, commits: 0, contended: undefined })
    expect(answers.busy['sqlite-busy']).toBeGreaterThan(0)
    expect(outcomes).toEqual([])
    expect(room.control.runningItem).toBeUndefined()
    neighbour.close()
    expect((await room.runAll([add(1), add(2)])).map(({ outcome }) => outcome)).toEqual([
      'committed',
      'committed',
    ])
    expect(room.column('select id from notes')).toEqual([1, 2])
  })

  it('blames no item once it has ended', async () => {
    await room.run(works)
    expect(room.control.runningItem).toBeUndefined()
  })
})
