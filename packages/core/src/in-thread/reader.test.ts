// Promise 16: reads in the app's thread are asked for by name, never sleep, and those that hold the event loop are told of.
import {
  faultPolicy,
  type SimulatedClock,
  simulatedClock,
  sqliteFault,
  type TemporaryFolder,
  temporaryFolder,
} from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { inThreadTriesMax, slowReadPauseMs } from '../limits.ts'
import { Counters } from '../telemetry/counters.ts'
import { InThreadReader } from './reader.ts'
import type { SlowInThreadRead } from './types.ts'

let folder: TemporaryFolder
let room: EngineRoom
let connection: Connection
let clock: SimulatedClock
let counters: Counters
let told: SlowInThreadRead[]
/** What the SQL function `call_app` calls: the app's own code, inside a statement that runs. */
let inside: () => void

beforeEach(async () => {
  folder = await temporaryFolder()
  room = await engineRoom(folder.file('a.db'))
  clock = simulatedClock(1_000)
  counters = new Counters()
  told = []
  inside = () => {}
  connection = betterSqlite3.openReader(folder.file('a.db'), {
    setup: (db) => {
      db.function('take', (ms) => {
        clock.advance(Number(ms))
        return ms ?? null
      })
      db.function('call_app', () => {
        inside()
        return 1
      })
    },
  })
})

afterEach(async () => {
  room.connection.close()
  await folder[Symbol.asyncDispose]()
})

function reading(warnAfterMs = 5): InThreadReader {
  const reader = new InThreadReader({ warnAfterMs, counters, clock, onSlow: (read) => told.push(read) })
  reader.start(connection)
  return reader
}

const take = (reader: InThreadReader, ms: number, label?: string): unknown =>
  reader.read('firstValue', 'select take(?)', [ms], label === undefined ? undefined : { label })

describe('a read that holds the event loop', () => {
  it('no longer than the bound is not told of', async () => {
    const reader = reading()
    expect([take(reader, 5), take(reader, 0)]).toEqual([5, 0])
    expect(told).toEqual([])
    expect(reader.report()).toEqual({
      reads: 2,
      failed: 0,
      slow: 0,
      longestMs: 5,
      longestLabel: undefined,
    })
    await reader.stop()
  })

  it('longer is told of with its label, its SQL and its time, at most once a second for each label, and always counted', async () => {
    const reader = reading()
    for (const ms of [6, 7]) take(reader, ms, 'notes.get')
    take(reader, 8)
    expect(told).toEqual([
      { label: 'notes.get', sql: 'select take(?)', ms: 6 },
      { label: undefined, sql: 'select take(?)', ms: 8 },
    ])
    clock.advance(slowReadPauseMs)
    take(reader, 9, 'notes.get')
    expect(told.at(-1)).toEqual({ label: 'notes.get', sql: 'select take(?)', ms: 9 })
    expect(told).toHaveLength(3)
    expect(reader.report()).toEqual({
      reads: 4,
      failed: 0,
      slow: 4,
      longestMs: 9,
      longestLabel: 'notes.get',
    })
    await reader.stop()
  })

  it('and fails then, is told of all the same', async () => {
    const reader = reading()
    inside = () => {
      clock.advance(20)
      throw new RangeError('changed my mind')
    }
    expect(() => reader.read('objects', 'select call_app()', undefined, { label: 'a' })).toThrow(
      expect.objectContaining({ code: 'procedure-failed', stage: 'read', label: 'a' }),
    )
    expect(told).toEqual([{ label: 'a', sql: 'select call_app()', ms: 20 }])
    expect(reader.report()).toMatchObject({ reads: 1, failed: 1, slow: 1, longestMs: 20 })
    await reader.stop()
  })

  it('is never told of where the bound is infinite', async () => {
    const reader = reading(Number.POSITIVE_INFINITY)
    take(reader, 1e9)
    expect(told).toEqual([])
    await reader.stop()
  })
})

describe('a log that another process recovers', () => {
  const busy = () => sqliteFault('SQLITE_BUSY_RECOVERY')

  it.each([
    ['passes: the read is tried again, at once', inThreadTriesMax - 1],
    ['lasts: the read fails with the typed error, after a bounded number of tries', inThreadTriesMax],
  ])('%s', async (_, times) => {
    const faults = faultPolicy<'read'>()
    const reader = reading()
    reader.start({ ...plain(connection), prepare: meeting(connection, () => faults.meet('read')) })
    faults.failNext('read', times, busy)
    const read = (): unknown => reader.read('firstValue', 'select 7', undefined, { label: 'a' })
    if (times < inThreadTriesMax) expect(read()).toBe(7)
    else {
      expect(read).toThrow(
        expect.objectContaining({
          code: 'sqlite-busy-recovery',
          stage: 'read',
          label: 'a',
          retryable: true,
          outcome: undefined,
        }),
      )
    }
    expect(counters.busy).toEqual({ 'sqlite-busy-recovery': times })
    expect(faults.met('read')).toBe(inThreadTriesMax)
    expect(clock.now()).toBe(1_000)
    expect(reader.report()).toMatchObject({ reads: 1, failed: times < inThreadTriesMax ? 0 : 1 })
    await reader.stop()
  })

  it('is not waited for again where SQLite has waited already', async () => {
    const faults = faultPolicy<'read'>()
    const reader = reading()
    reader.start({ ...plain(connection), prepare: meeting(connection, () => faults.meet('read')) })
    faults.failNext('read', 1, () => sqliteFault('SQLITE_PROTOCOL'))
    expect(() => reader.read('firstValue', 'select 7', undefined, undefined)).toThrow(
      expect.objectContaining({ code: 'sqlite-protocol', stage: 'read', retryable: true }),
    )
    expect(faults.met('read')).toBe(1)
    await reader.stop()
  })
})

describe('the connection', () => {
  it('is read-only, and has no transaction open between two reads, whatever shape they have', async () => {
    const reader = reading()
    const sql = 'select 1 as a, 2 as b union all select 3, 4'
    for (let round = 0; round < 2; round++) {
      expect(reader.read('objects', sql, undefined, undefined)).toEqual([
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ])
      expect(reader.read('arrays', sql, [], undefined)).toEqual([
        [1, 2],
        [3, 4],
      ])
      expect(reader.read('firstObject', sql, undefined, undefined)).toEqual({ a: 1, b: 2 })
      expect(reader.read('firstValue', sql, undefined, undefined)).toBe(1)
      expect(reader.read('column', sql, undefined, undefined)).toEqual([1, 3])
      expect(connection.inTransaction).toBe(false)
    }
    // Only a log that nobody reads can be copied into the file whole, and begun anew.
    expect(room.connection.prepareOwn('pragma wal_checkpoint(restart)').firstArray(undefined)?.[0]).toBe(0)
    expect(reader.read('firstValue', 'select query_only from pragma_query_only', undefined, undefined)).toBe(
      1,
    )
    await reader.stop()
  })

  it('may be closed by the app’s own function that it is just calling: the read ends first', async () => {
    const reader = reading()
    let stopped: Promise<void> | undefined
    inside = () => {
      stopped = reader.stop()
    }
    expect(reader.read('column', 'select call_app() from (values (1), (2))', undefined, undefined)).toEqual([
      1, 1,
    ])
    expect(() => reader.read('firstValue', 'select 1', undefined, undefined)).toThrow(
      expect.objectContaining({ code: 'closed', stage: 'read' }),
    )
    await stopped
    expect(() => connection.script('select 1')).toThrow('not open')
  })
})

/** A class instance can’t be spread. */
const plain = (real: Connection): Connection => ({
  version: real.version,
  inTransaction: false,
  signals: undefined,
  signalsState: real.signalsState,
  waitForLock: (ms) => real.waitForLock(ms),
  prepare: (sql) => real.prepare(sql),
  prepareOwn: (sql) => real.prepareOwn(sql),
  planOf: (sql) => real.planOf(sql),
  lastChanges: () => real.lastChanges(),
  script: (sql) => real.script(sql),
  copyTo: (file, afterStep) => real.copyTo(file, afterStep),
  close: () => real.close(),
})

const meeting =
  (real: Connection, meet: () => void): Connection['prepare'] =>
  (sql) => {
    meet()
    return real.prepare(sql)
  }
