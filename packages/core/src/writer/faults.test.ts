// Promise 3 and 17 at the engine room's door: what each failing step of a transaction comes to. The file is real; the
// connection fails where the policy says.
import {
  type FaultPolicy,
  faultPolicy,
  sqliteFault,
  type TemporaryFolder,
  temporaryFolder,
} from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import type { TransactionStep } from '../../fixtures/faulty-connection.ts'
import type { WriteWork } from './batch.ts'

let folder: TemporaryFolder
let faults: FaultPolicy<TransactionStep>
let room: EngineRoom

beforeEach(async () => {
  folder = await temporaryFolder()
  faults = faultPolicy()
  room = await engineRoom(folder.file('a.db'), faults)
})

afterEach(() => folder[Symbol.asyncDispose]())

const insert = (id: number): WriteWork => ({
  kind: 'statement',
  sql: 'insert into notes (id) values (?)',
  parameters: [id],
})

const ids = (): unknown[] => room.column('select id from notes order by id')

describe('BEGIN', () => {
  it('that fails for another reason than a taken lock fails every item, not stored', async () => {
    faults.failNext('begin', 1, () => sqliteFault('SQLITE_IOERR_LOCK'))
    const { outcomes } = await room.run([insert(1), insert(2)])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        outcome: 'not-stored',
        error: { code: 'sqlite-ioerr-lock', stage: 'begin' },
      })
    }
    expect(ids()).toEqual([])
    expect((await room.run([insert(3)])).outcomes).toMatchObject([{ outcome: 'committed' }])
  })

  it('that meets a taken lock is tried again, and counted, until it is had', async () => {
    faults.failNext('begin', 3, () => sqliteFault('SQLITE_BUSY'))
    const { answers, outcomes } = await room.run([insert(1)])
    expect(answers.busy).toEqual({ 'sqlite-busy': 3 })
    expect(outcomes).toMatchObject([{ outcome: 'committed' }])
  })
})

describe('an item', () => {
  it('for which the disk is full fails alone; what fits is committed', async () => {
    faults.failNext('run', 1, () => sqliteFault('SQLITE_FULL'))
    const { outcomes } = await room.run([insert(1), insert(2), insert(3)])
    expect(outcomes).toMatchObject([
      { outcome: 'not-stored', error: { code: 'sqlite-full', stage: 'execute', retryable: true } },
      { outcome: 'committed' },
      { outcome: 'committed' },
    ])
    expect(ids()).toEqual([2, 3])
  })
})

describe('COMMIT', () => {
  it('on a full disk stores nothing and says so; the next batch is none the worse', async () => {
    faults.failNext('commit', 3, () => sqliteFault('SQLITE_FULL'))
    const { outcomes } = await room.run([insert(1), insert(2)])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        outcome: 'not-stored',
        error: { code: 'sqlite-full', stage: 'commit' },
      })
    }
    expect(ids()).toEqual([])
    expect((await room.run([insert(1)])).outcomes).toMatchObject([{ outcome: 'committed' }])
  })

  it('for which the disk is too full is told item by item: what fits alone is committed', async () => {
    faults.failNext('commit', 2, () => sqliteFault('SQLITE_FULL'))
    const { answers, outcomes } = await room.run([insert(1), insert(2), insert(3)])
    expect(outcomes).toMatchObject([
      { outcome: 'not-stored', error: { code: 'sqlite-full', stage: 'commit', retryable: true } },
      { outcome: 'committed' },
      { outcome: 'committed' },
    ])
    expect(answers.commits).toBe(2)
    expect(ids()).toEqual([2, 3])
    expect(room.record()).toMatchObject({ answered: 3, failed: [0] })
  })

  it('whose record cannot be written, because of one item, fails for that item alone', async () => {
    room.connection.script(`
      create trigger spoilt before insert on lockkeeper_commit when exists (select 1 from notes where id = 666)
      begin select raise(abort, 'spoilt'); end`)
    const { outcomes } = await room.run([insert(1), insert(666), insert(3)])
    expect(outcomes).toMatchObject([
      { outcome: 'committed' },
      { outcome: 'not-stored', error: { code: 'sqlite-constraint-trigger', stage: 'commit' } },
      { outcome: 'committed' },
    ])
    expect(ids()).toEqual([1, 3])
  })

  it('that fails for an item too tells the reason that the item has of its own', async () => {
    faults.failNext('commit', 2, () => sqliteFault('SQLITE_FULL'))
    const { outcomes } = await room.run([insert(-1), { ...insert(1), sql: 'insert notes' } as WriteWork])
    expect(outcomes).toMatchObject([
      { outcome: 'not-stored', error: { code: 'sqlite-full', stage: 'commit' } },
      { outcome: 'not-stored', error: { code: 'sqlite-error', stage: 'execute' } },
    ])
    faults.failNext('commit', 1, () => sqliteFault('SQLITE_FULL'))
    const alone = await room.run([{ ...insert(1), sql: 'insert notes' } as WriteWork])
    expect(alone.outcomes).toMatchObject([{ outcome: 'not-stored', error: { stage: 'execute' } }])
  })

  it.each(['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_WRITE'] as const)(
    'with %s answers nobody: the connection is closed, so that the next thread finds the truth',
    async (code) => {
      faults.failNext('commit', 1, () => sqliteFault(code))
      await expect(room.run([insert(1), insert(2)])).rejects.toMatchObject({ code })
      expect(() => room.connection.prepareOwn('select 1').firstArray(undefined)).toThrow()
      const reopened = await engineRoom(folder.file('a.db'))
      expect(reopened.record()).toMatchObject({ answered: 0 })
      expect(reopened.column('select id from notes')).toEqual([])
    },
  )
})

describe('ROLLBACK', () => {
  it('that fails ends the thread rather than leave a transaction open for the next batch', async () => {
    faults.failNext('commit', 1, () => sqliteFault('SQLITE_FULL'))
    faults.failNext('rollback', 1, () => sqliteFault('SQLITE_IOERR'))
    await expect(room.run([insert(1)])).rejects.toMatchObject({ code: 'SQLITE_IOERR' })
  })
})
