import { LoopDelay } from '../../measure/loop-delay.ts'
import { makeBlobs, makeTexts, rowsFrom } from '../../subjects/bodies.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countBlobs, countTexts, insertBlob, insertText } from '../../subjects/schema.ts'
import type { Measurements, Trial } from '../../trials/trial.ts'

/** All rows in one `writeMany`. */
export const bulkTexts: Trial = ({ folder, pace }) =>
  bulk(folder, insertText, countTexts, rowsFrom(makeTexts(), pace.textRows))

export const bulkBlobs: Trial = ({ folder, pace }) =>
  bulk(folder, insertBlob, countBlobs, rowsFrom(makeBlobs(), pace.blobRows))

async function bulk(
  folder: string,
  insert: string,
  count: string,
  rows: [string | Uint8Array][],
): Promise<Measurements> {
  const db = await openBench(folder)
  const warmUp = rows.slice(0, Math.ceil(rows.length / 10))
  await db.writeMany(insert, warmUp, { lane: 'sync' })
  const loopDelay = await LoopDelay.start()
  const startedAt = performance.now()
  await db.writeMany(insert, rows, { lane: 'sync' })
  const elapsedMs = performance.now() - startedAt
  const delays = await loopDelay.stop()
  assertStored(await db.readValue(count), warmUp.length + rows.length)
  await db.close()
  return { throughput: { value: (rows.length / elapsedMs) * 1_000, unit: 'rows/s' }, ...delays }
}
