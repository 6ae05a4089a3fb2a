import { wideCallers, wideRows } from '../../limits.ts'
import { measureCallers } from '../../measure/measure-reads.ts'
import { assertRows, knownTable, randomKeys, selectWide, type TextRow } from '../../subjects/table.ts'
import type { Trial } from '../../trials/trial.ts'
import { openTable } from './open-table.ts'

/** Callers who each ask for a thousand rows at a time. */
export const wide: Trial = async ({ sharedFolder, pace }) => {
  const db = await openTable(sharedFolder)
  const nextKey = randomKeys(knownTable(sharedFolder), wideRows)
  const measured = await measureCallers(pace, wideCallers, 'rows/s', async () => {
    const from = nextKey()
    const rows = await db.read<TextRow>(selectWide, [from, from + wideRows - 1])
    assertRows(rows, from, wideRows)
    return rows.length
  })
  await db.close()
  return measured
}
