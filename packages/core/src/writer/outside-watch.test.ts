// Issue “living with other processes”: what others commit is noticed, and what this process does by itself never is. What
// SQLite counts as a change was found by experiment, and stands or falls with its version: so it is repeated here.
import {
  type SimulatedClock,
  simulatedClock,
  type TemporaryFolder,
  temporaryFolder,
} from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import { outsideLookPauseMs } from '../limits.ts'
import { type OutsideChange, OutsideWatch } from './outside-watch.ts'

let folder: TemporaryFolder
let clock: SimulatedClock
let room: EngineRoom
let other: Database.Database
let watch: OutsideWatch
let told: OutsideChange[]

beforeEach(async () => {
  folder = await temporaryFolder()
  clock = simulatedClock()
  room = await engineRoom(folder.file('a.db'))
  other = new Database(folder.file('a.db'))
  other.pragma('wal_autocheckpoint = 0')
  told = []
  watch = new OutsideWatch({ connection: room.connection, clock, onChange: (change) => told.push(change) })
})

afterEach(async () => {
  other.close()
  room.connection.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (body) values (hex(randomblob(8)))'
const own = (sql: string): void => room.connection.script(sql)

function lookAfter(change: () => unknown): OutsideChange[] {
  change()
  watch.look()
  return told.splice(0)
}

describe('a change by another connection', () => {
  it('is told once, however many commits it was', () => {
    expect(
      lookAfter(() => {
        other.exec(insert)
        other.exec(insert)
      }),
    ).toEqual([{ schemaChanged: false }])
    expect(lookAfter(() => {})).toEqual([])
  })

  it.each([
    'create table more (a)',
    'create index notes_body on notes (body)',
    'alter table notes add column more text',
    'vacuum',
  ])('of the schema is told as such: %s', (sql) => {
    expect(lookAfter(() => other.exec(sql))).toEqual([{ schemaChanged: true }])
    expect(lookAfter(() => other.exec(insert))).toEqual([{ schemaChanged: false }])
  })

  it.each([`begin immediate; commit`, `begin immediate; ${insert}; rollback`])(
    'that is none is not told: %s',
    (sql) => {
      expect(lookAfter(() => other.exec(sql))).toEqual([])
    },
  )

  it('is told also after a batch of ours has run on top of it', async () => {
    other.exec(insert)
    await room.run([{ kind: 'statement', sql: insert, parameters: undefined }])
    expect(lookAfter(() => {})).toEqual([{ schemaChanged: false }])
  })
})

describe('what this process does', () => {
  it.each([
    insert,
    'create table more (a)',
    'analyze',
    'vacuum',
    'pragma wal_checkpoint(noop)',
    'pragma wal_checkpoint(passive)',
    'pragma wal_checkpoint(full)',
    'pragma wal_checkpoint(restart)',
    'pragma wal_checkpoint(truncate)',
  ])('on the writer’s connection is never told: %s', (sql) => {
    own(insert)
    expect(lookAfter(() => own(sql))).toEqual([])
    expect(lookAfter(() => own(insert))).toEqual([])
  })

  it('changes the schema without making a neighbour’s next commit look like a change of the schema', () => {
    expect(lookAfter(() => own('create table more (a)'))).toEqual([])
    expect(lookAfter(() => other.exec(insert))).toEqual([{ schemaChanged: false }])
  })
})

describe('a checkpoint on another connection', () => {
  it.each(['noop', 'passive', 'full', 'restart'])('is not told: %s', (mode) => {
    own(insert)
    expect(lookAfter(() => other.pragma(`wal_checkpoint(${mode})`))).toEqual([])
    expect(lookAfter(() => own(insert))).toEqual([])
  })

  it('is told if it empties the log, which looks like a commit: so this process does that on the writer’s alone', () => {
    own(insert)
    expect(lookAfter(() => other.pragma('wal_checkpoint(truncate)'))).toEqual([{ schemaChanged: false }])
  })
})

describe('looking', () => {
  it('is done after a batch only if the last look was some time ago', () => {
    other.exec(insert)
    clock.advance(outsideLookPauseMs - 1)
    watch.afterBatch()
    expect(told).toEqual([])
    clock.advance(1)
    watch.afterBatch()
    expect(told).toEqual([{ schemaChanged: false }])
  })

  it('leaves no transaction open, and is left out where nothing can be read', () => {
    watch.look()
    expect(room.connection.inTransaction).toBe(false)
    const closed = {
      ...room.connection,
      inTransaction: false,
      prepareOwn: () => {
        throw new Error('closed')
      },
    }
    expect(() => new OutsideWatch({ connection: closed, clock, onChange: () => {} }).look()).not.toThrow()
  })
})
