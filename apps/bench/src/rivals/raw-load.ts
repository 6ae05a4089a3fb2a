import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { loadBlockRows, loadWarmUpParts } from '../limits.ts'
import { LogSize } from '../measure/log-size.ts'
import { LoopDelay } from '../measure/loop-delay.ts'
import {
  countHashed,
  type HashedRow,
  hashedTables,
  insertHashed,
  makeBlocks,
} from '../subjects/hashed-blobs.ts'
import { assertStored } from '../subjects/schema.ts'
import type { Trial } from '../trials/trial.ts'
import { readValue, reopenRaw } from './raw-connection.ts'

/**
 * The bulk load of the suite `wal` in the app thread: one transaction a block, SQLite’s automatic checkpoints at its default of
 * a thousand pages.
 */
export const bulk: Trial = async ({ folder, pace }) => {
  const database = reopenRaw(folder, 'process')
  database.exec(hashedTables)
  const logSize = new LogSize(join(folder, 'bench.db'))
  const statement = database.prepare<HashedRow>(insertHashed)
  const store = database.transaction((rows: readonly HashedRow[]) => {
    for (const row of rows) statement.run(...row)
  })
  const run = async (blocks: readonly HashedRow[][]): Promise<number> => {
    let rows = 0
    for (const block of blocks) {
      store.immediate(block)
      rows += block.length
      await nextTurn()
    }
    return rows
  }
  const blocks = makeBlocks(pace.logRows, loadBlockRows)
  const warmedUp = await run(blocks.splice(0, Math.ceil(blocks.length / loadWarmUpParts)))
  const loopDelay = await LoopDelay.start()
  const startedAt = performance.now()
  const rows = await run(blocks)
  const elapsedMs = performance.now() - startedAt
  const sizes = logSize.stop()
  const delays = await loopDelay.stop()
  assertStored(readValue(database, countHashed), warmedUp + rows)
  database.close()
  return { throughput: { value: (rows / elapsedMs) * 1_000, unit: 'rows/s' }, ...sizes, ...delays }
}
