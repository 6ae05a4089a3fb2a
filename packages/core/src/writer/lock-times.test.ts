// Design, section 10: what the writer's thread measures, for the ledger to charge it to somebody.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import type { BatchAnswers, WriteWork } from './batch.ts'
import { LockTimes } from './lock-times.ts'

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

const statement = (sql: string): WriteWork => ({ kind: 'statement', sql, parameters: undefined })
const sumOf = ({ times }: BatchAnswers): number => times.reduce((sum, ms) => sum + ms, 0)

describe('a batch', () => {
  it('tells the time of each item, which is part of what it held the lock', async () => {
    const works = [1, 2, 3].map((id) => statement(`insert into notes (id) values (${id})`))
    const { answers } = await room.run(works, 1_000)
    expect(Array.from(answers.times, (ms) => ms > 0)).toEqual([true, true, true])
    expect(answers.heldMs).toBeGreaterThan(sumOf(answers))
  })

  it('that was lost to one of its items tells both runs, and held the lock in both', async () => {
    const works = [
      statement('insert into notes (id) values (1)'),
      statement('insert or rollback into notes (id) values (1)'),
    ]
    const { answers } = await room.run(works, 1_000)
    expect(answers).toMatchObject({ answered: 2, commits: 1 })
    expect(Array.from(answers.times, (ms) => ms > 0)).toEqual([true, true])
    expect(answers.heldMs).toBeGreaterThan(sumOf(answers))
  })

  it('that could not begin has waited, and held nothing', async () => {
    const neighbour = new Database(folder.file('a.db'))
    neighbour.exec('begin immediate')
    const { answers } = await room.run([statement('insert into notes (id) values (1)')])
    neighbour.close()
    expect(answers).toMatchObject({ answered: 0, heldMs: 0 })
    expect(answers.contended).toBeDefined()
    expect(answers.waitedMs).toBeGreaterThan(0)
  })
})

describe('lock times', () => {
  it('count BEGIN as holding, unless it waited; from one transaction to the next the lock is held on', () => {
    const times = new LockTimes()
    times.begun(10, 11, false)
    times.begun(15, 18, true)
    times.released(20)
    expect(times).toMatchObject({ heldMs: 7, waitedMs: 3 })
    times.refused(30, 34)
    times.released(40)
    expect(times).toMatchObject({ heldMs: 7, waitedMs: 7 })
  })
})
