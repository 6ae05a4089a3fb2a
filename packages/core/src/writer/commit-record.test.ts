// Promise 3: after any death of the writer's thread, the commit record tells what its last transaction stored.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { commitRecordKeptSeconds, commitRecordsKept } from '../limits.ts'
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

/** As if nobody had committed for longer than records are kept. */
const age = (): void =>
  connection.script(`update lockkeeper_commit set written_at = written_at - ${commitRecordKeptSeconds + 1}`)

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

  it('is kept while its opening may live, however many others come and go', () => {
    const records = new CommitRecords(connection, 'first')
    records.write(3, 2, [1])
    for (let n = 0; n < commitRecordsKept * 2; n++) new CommitRecords(connection, `other ${n}`)
    expect(records.last()).toEqual({ batch: 3, answered: 2, failed: [1] })
  })

  it('goes once its last commit is old, but for the newest', () => {
    for (let n = 0; n < commitRecordsKept * 2; n++) new CommitRecords(connection, `other ${n}`)
    age()
    new CommitRecords(connection, 'last')
    expect(sessions()).toHaveLength(commitRecordsKept)
    expect(sessions()).toContain(`other ${commitRecordsKept * 2 - 1}`)
    expect(sessions()).toContain('last')
  })

  it('is made young again by every commit, and by every thread of its opening', () => {
    const [writing, reopened] = [
      new CommitRecords(connection, 'writing'),
      new CommitRecords(connection, 'reopened'),
    ]
    for (let n = 0; n < commitRecordsKept; n++) new CommitRecords(connection, `other ${n}`)
    reopened.write(4, 4, [])
    age()
    writing.write(5, 5, [])
    new CommitRecords(connection, 'reopened')
    new CommitRecords(connection, 'last')
    expect(writing.last()).toMatchObject({ batch: 5 })
    expect(reopened.last()).toMatchObject({ batch: 4 })
  })

  it('that has gone while its opening was idle is there again with the next commit', () => {
    const records = new CommitRecords(connection, 'idle')
    connection.script('delete from lockkeeper_commit')
    records.write(6, 1, [])
    expect(records.last()).toEqual({ batch: 6, answered: 1, failed: [] })
  })

  it('that is not written stops the writer: a batch without one would be run twice', () => {
    const records = new CommitRecords(connection, 'a')
    connection.script(`
      create trigger silent before insert on lockkeeper_commit begin select raise(ignore); end`)
    expect(() => records.write(1, 1, [])).toThrow('0 rows instead of one')
  })

  it('is kept in a file of an older version, too', () => {
    connection.script(`
      create table lockkeeper_commit (
        id integer primary key, session text not null unique, threads integer not null, batch integer not null,
        answered integer not null, failed text
      ) strict;
      insert into lockkeeper_commit (session, threads, batch, answered) values ('old', 1, 8, 1)`)
    new CommitRecords(connection, 'new').write(1, 1, [])
    expect(new CommitRecords(connection, 'new').last()).toMatchObject({ batch: 1 })
    expect(new CommitRecords(connection, 'old').last()).toMatchObject({ batch: 8 })
  })
})
