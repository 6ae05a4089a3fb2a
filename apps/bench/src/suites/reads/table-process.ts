import { writeFileSync } from 'node:fs'
import type { Database } from '@lockkeeper/core'
import { scanTries, slowScanMs, tableRowsAtOnce } from '../../limits.ts'
import { endWithParent, orderOf, sayLast } from '../../processes/in-side-process.ts'
import { makeTexts, rowsFrom } from '../../subjects/bodies.ts'
import { openBench } from '../../subjects/lockkeeper.ts'
import { assertStored, countTexts, insertText } from '../../subjects/schema.ts'
import { selectSlow, type Table, tableFile } from '../../subjects/table.ts'
import type { TableOrder } from './make-table.ts'

endWithParent()
const { folder, rows } = orderOf() as TableOrder
const db = await openBench(folder)
const texts = makeTexts()
for (let stored = 0; stored < rows; stored += tableRowsAtOnce) {
  await db.writeMany(insertText, rowsFrom(texts, Math.min(tableRowsAtOnce, rows - stored)))
}
assertStored(await db.readValue(countTexts), rows)
const { interactive, background } = db.report().readers
const table: Table = {
  rows,
  scanRows: await findScanRows(db, rows),
  readers: { interactive: interactive.readers, background: background.readers },
}
writeFileSync(tableFile(folder), JSON.stringify(table))
// Closing copies the log into the file: everybody reads from there.
await db.close()
sayLast('made')

/** @returns how many rows a scan goes through in the time that it is to take alone; all of them where that is not enough. */
async function findScanRows(db: Database, rows: number): Promise<number> {
  let shortestMs = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < scanTries; tries++) {
    const startedAt = performance.now()
    await db.readValue(selectSlow, [rows])
    shortestMs = Math.min(shortestMs, performance.now() - startedAt)
  }
  return Math.min(rows, Math.round((rows * slowScanMs) / shortestMs))
}
