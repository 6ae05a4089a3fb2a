import { streamWarmUpParts } from '../../limits.ts'
import { LoopDelay } from '../../measure/loop-delay.ts'
import { assertStored } from '../../subjects/schema.ts'
import { knownTable, selectAll, selectSome, type TextRow } from '../../subjects/table.ts'
import type { Trial } from '../../trials/trial.ts'
import { openTable } from './open-table.ts'

/** All rows of the table, one by one, through an async iterator. */
export const stream: Trial = async ({ sharedFolder }) => {
  const { rows } = knownTable(sharedFolder)
  const db = await openTable(sharedFolder)
  const goThrough = async (sql: string, parameters: readonly number[]): Promise<number> => {
    let count = 0
    for await (const row of db.stream<TextRow>(sql, parameters)) if (row.body.length > 0) count++
    return count
  }
  await goThrough(selectSome, [Math.ceil(rows / streamWarmUpParts)])
  const loopDelay = await LoopDelay.start()
  const startedAt = performance.now()
  const count = await goThrough(selectAll, [])
  const elapsedMs = performance.now() - startedAt
  const delays = await loopDelay.stop()
  assertStored(count, rows)
  await db.close()
  return { throughput: { value: (rows / elapsedMs) * 1_000, unit: 'rows/s' }, ...delays }
}
