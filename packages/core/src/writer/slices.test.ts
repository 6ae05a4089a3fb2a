// Promise 4: a batch of a lower lane ends when its slice is over or somebody more urgent waits, after its current item, and
// the rest is handed back unbegun. It always gets at least one item done, so that nobody starves (promise 5).
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
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

  it('blames no item once it has ended', async () => {
    await room.run(works)
    expect(room.control.runningItem).toBeUndefined()
  })
})
