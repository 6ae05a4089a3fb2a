import type { Database } from '@lockkeeper/core'
import { bulkRowsShared, busyCallers } from '../../limits.ts'
import { SteadyLoad } from '../../measure/steady-load.ts'
import { inTurn, makeTexts, rowsFrom } from '../../subjects/bodies.ts'
import { insertText } from '../../subjects/schema.ts'

/** What a process does without a pause: one awaited row after the other, many callers at once, or bulk. */
export type LoadName = 'one_row' | 'callers' | 'bulk'

/** Begins it; what it counts as acknowledged is rows. */
export const loads: Readonly<Record<LoadName, (db: Database) => SteadyLoad>> = {
  one_row: (db) => rowByRow(db, 1),
  callers: (db) => rowByRow(db, busyCallers),
  bulk: (db) => {
    const rows = rowsFrom(makeTexts(), bulkRowsShared)
    // Two, so that one is on its way while the other is written.
    return new SteadyLoad(2, async () => {
      await db.writeMany(insertText, rows, { lane: 'sync' })
      return rows.length
    })
  },
}

function rowByRow(db: Database, callers: number): SteadyLoad {
  const body = inTurn(makeTexts())
  return new SteadyLoad(callers, async () => {
    await db.write(insertText, [body()])
    return 1
  })
}
