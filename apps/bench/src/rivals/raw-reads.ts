import { setImmediate as nextTurn } from 'node:timers/promises'
import { serialReadsPerTurn, streamWarmUpParts, wideCallers, wideRows } from '../limits.ts'
import { Latencies } from '../measure/latencies.ts'
import { LoopDelay } from '../measure/loop-delay.ts'
import { measureRate } from '../measure/measure-rate.ts'
import { measureTurns, readsWindow } from '../measure/measure-reads.ts'
import { SteadyLoad } from '../measure/steady-load.ts'
import { assertStored } from '../subjects/schema.ts'
import {
  assertRow,
  assertRows,
  assertSettings,
  knownTable,
  randomKeys,
  selectAll,
  selectPoint,
  selectSome,
  selectWide,
  type TextRow,
} from '../subjects/table.ts'
import type { Trial } from '../trials/trial.ts'
import { type RawDatabase, readValue, reopenRaw } from './raw-connection.ts'

/** So many callers, one point read each per turn of the event loop, in the app thread. */
export function points(callers: number): Trial {
  return async ({ sharedFolder, pace }) => {
    const database = await openTable(sharedFolder)
    const measured = await measureTurns(pace, callers, 'reads/s', pointRead(database, sharedFolder))
    database.close()
    return measured
  }
}

/** One point read after the other; how long each took. */
export const pointByPoint: Trial = async ({ sharedFolder, pace }) => {
  const database = await openTable(sharedFolder)
  const read = pointRead(database, sharedFolder)
  const latencies = new Latencies('µs')
  const load = new SteadyLoad(1, async () => {
    for (let count = 0; count < serialReadsPerTurn; count++) {
      const startedAt = performance.now()
      read()
      latencies.add(performance.now() - startedAt)
    }
    await nextTurn()
    return serialReadsPerTurn
  })
  const measured = await measureRate(readsWindow(pace), () => load.acknowledged, latencies, 'reads/s')
  await load.stop()
  database.close()
  return measured
}

/** So many callers, a thousand rows each per turn of the event loop. */
export const wide: Trial = async ({ sharedFolder, pace }) => {
  const database = await openTable(sharedFolder)
  const statement = database.prepare<[number, number], TextRow>(selectWide)
  const nextKey = randomKeys(knownTable(sharedFolder), wideRows)
  const measured = await measureTurns(pace, wideCallers, 'rows/s', () => {
    const from = nextKey()
    const rows = statement.all(from, from + wideRows - 1)
    assertRows(rows, from, wideRows)
    return rows.length
  })
  database.close()
  return measured
}

/** All rows of the table, one by one, through `iterate`. */
export const iterated: Trial = async ({ sharedFolder }) => {
  const { rows } = knownTable(sharedFolder)
  const database = await openTable(sharedFolder)
  const goThrough = (sql: string, parameters: readonly number[]): number => {
    let count = 0
    for (const row of database.prepare<number[], TextRow>(sql).iterate(...parameters)) {
      if (row.body.length > 0) count++
    }
    return count
  }
  goThrough(selectSome, [Math.ceil(rows / streamWarmUpParts)])
  const loopDelay = await LoopDelay.start()
  const startedAt = performance.now()
  const count = goThrough(selectAll, [])
  const elapsedMs = performance.now() - startedAt
  const delays = await loopDelay.stop()
  assertStored(count, rows)
  database.close()
  return { throughput: { value: (rows / elapsedMs) * 1_000, unit: 'rows/s' }, ...delays }
}

function pointRead(database: RawDatabase, folder: string): () => number {
  const statement = database.prepare<[number], TextRow>(selectPoint)
  const nextKey = randomKeys(knownTable(folder))
  return () => {
    const key = nextKey()
    assertRow(statement.get(key), key)
    return 1
  }
}

async function openTable(folder: string): Promise<RawDatabase> {
  const database = reopenRaw(folder, 'process')
  await assertSettings((sql) => readValue(database, sql))
  return database
}
