// Promise 3: after any death of the writer's thread, the commit record tells what its last transaction stored.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { commitRecordsKept } from '../limits.ts'
import { CommitRecords } from './commit-record.ts'

let folder: TemporaryFolder
let connection: Connection

beforeEach(async () => {
  folder = await temporaryFolder()
  connection = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 0 })
  connection.script('pragma journal_mode = wal')
})

afterEach(async () => {
  connection.close()
  await folder[Symbol.asyncDispose]()
})

const sessions = (): unknown[] =>
  connection.prepareOwn('select session from lockkeeper_commit order by id').arrays(undefined).flat()

describe('a commit record', () => {
  it('says nothing of a new opening', () => {
    expect(new CommitRecords(connection, 'a').last()).toEqual({ batch: 0, answered: 0, failed: [] })
  })

  it('says what was last written, and outlives the connection', () => {
    new CommitRecords(connection, 'a').write(7, 3, [0, 2])
    connection.close()
    connection = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 0 })
    expect(new CommitRecords(connection, 'a').last()).toEqual({ batch: 7, answered: 3, failed: [0, 2] })
  })

  it('goes with the transaction it speaks of', () => {
    const records = new CommitRecords(connection, 'a')
    records.write(1, 1, [])
    connection.script('begin')
    records.write(2, 5, [1])
    expect(records.last()).toMatchObject({ batch: 2 })
    connection.script('rollback')
    expect(records.last()).toEqual({ batch: 1, answered: 1, failed: [] })
  })

  it('belongs to one opening: another process does not overwrite it', () => {
    const [ours, theirs] = [new CommitRecords(connection, 'ours'), new CommitRecords(connection, 'theirs')]
    ours.write(4, 2, [])
    theirs.write(9, 9, [1])
    expect(ours.last()).toEqual({ batch: 4, answered: 2, failed: [] })
    expect(theirs.last()).toEqual({ batch: 9, answered: 9, failed: [1] })
  })

  it('is kept for a bounded number of openings, the newest, the own one always among them', () => {
    const records = new CommitRecords(connection, 'first')
    for (let n = 0; n < commitRecordsKept * 2; n++) new CommitRecords(connection, `other ${n}`)
    expect(sessions()).toHaveLength(commitRecordsKept)
    expect(sessions()).toContain(`other ${commitRecordsKept * 2 - 1}`)
    expect(records.last()).toEqual({ batch: 0, answered: 0, failed: [] })
    new CommitRecords(connection, 'first').write(1, 1, [])
    expect(sessions()).toContain('first')
  })
})
