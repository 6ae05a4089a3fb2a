import { measureMixed } from '../../measure/measure-mixed.ts'
import {
  assertRow,
  knownTable,
  randomKeys,
  selectPoint,
  selectSlow,
  type TextRow,
} from '../../subjects/table.ts'
import type { Trial } from '../../trials/trial.ts'
import { openTable } from './open-table.ts'

/** People read through the interactive readers; with scans, every background reader is at one all the time. */
export function mixed(hasScans: boolean): Trial {
  return async ({ sharedFolder, pace }) => {
    const table = knownTable(sharedFolder)
    const db = await openTable(sharedFolder)
    const nextKey = randomKeys(table)
    const measured = await measureMixed(pace, {
      point: async () => {
        const key = nextKey()
        assertRow(await db.readFirst<TextRow>(selectPoint, [key]), key)
      },
      scan: async () => {
        await db.readValue(selectSlow, [table.scanRows], { class: 'background' })
      },
      scans: hasScans ? table.readers.background : 0,
    })
    await db.close()
    return measured
  }
}
