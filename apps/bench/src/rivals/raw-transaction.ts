import { LoopDelay } from '../measure/loop-delay.ts'
import { makeBlobs, makeTexts, rowsFrom } from '../subjects/bodies.ts'
import { assertStored, countBlobs, countTexts, insertBlob, insertText } from '../subjects/schema.ts'
import type { Measurements, Trial } from '../trials/trial.ts'
import { openRaw, readValue } from './raw-connection.ts'

/** All rows in one transaction of the app thread. */
export const bulkTexts: Trial = ({ folder, pace }) =>
  bulk(folder, insertText, countTexts, rowsFrom(makeTexts(), pace.textRows))

export const bulkBlobs: Trial = ({ folder, pace }) =>
  bulk(folder, insertBlob, countBlobs, rowsFrom(makeBlobs(), pace.blobRows))

async function bulk(
  folder: string,
  insert: string,
  count: string,
  rows: readonly [unknown][],
): Promise<Measurements> {
  const database = openRaw(folder, 'process')
  const statement = database.prepare<[unknown]>(insert)
  const insertAll = database.transaction((some: readonly [unknown][]) => {
    for (const row of some) statement.run(row)
  })
  const warmUp = rows.slice(0, Math.ceil(rows.length / 10))
  insertAll(warmUp)
  const loopDelay = await LoopDelay.start()
  const startedAt = performance.now()
  insertAll(rows)
  const elapsedMs = performance.now() - startedAt
  const delays = await loopDelay.stop()
  assertStored(readValue(database, count), warmUp.length + rows.length)
  database.close()
  return { throughput: { value: (rows.length / elapsedMs) * 1_000, unit: 'rows/s' }, ...delays }
}
