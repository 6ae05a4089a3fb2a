// Promise 2: durability is per write, and a batch takes the strictest of its members.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { SyncLevel } from './durability.ts'

let folder: TemporaryFolder
let connection: Connection

beforeEach(async () => {
  folder = await temporaryFolder()
  connection = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 2 })
  connection.script('pragma journal_mode = wal')
})

afterEach(async () => {
  connection.close()
  await folder[Symbol.asyncDispose]()
})

/** What SQLite calls it: 1 is NORMAL, 2 is FULL. */
const synchronous = (): unknown => connection.prepareOwn('pragma synchronous').firstArray(undefined)?.[0]

it('changes the level whenever it is asked for another, and back', () => {
  const level = new SyncLevel(connection)
  for (const [wanted, expected] of [
    ['process', 1],
    ['power', 2],
    ['power', 2],
    ['process', 1],
    ['power', 2],
  ] as const) {
    level.set(wanted)
    expect(synchronous()).toBe(expected)
  }
})

it('has to compile the pragma anew: it acts when it is prepared, and stepping it again does nothing', () => {
  connection.script('pragma synchronous = normal')
  const prepared = connection.prepareOwn('pragma synchronous = full')
  expect(synchronous()).toBe(2)
  connection.script('pragma synchronous = normal')
  prepared.run(undefined)
  expect(synchronous()).toBe(1)
})

it('has to come before BEGIN: inside a transaction the pragma is refused', () => {
  connection.script('pragma synchronous = normal')
  connection.script('begin immediate')
  expect(() => connection.script('pragma synchronous = full')).toThrow('Safety level')
  connection.script('rollback')
  expect(synchronous()).toBe(1)
})
