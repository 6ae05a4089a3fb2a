import { pointCallers } from '../../limits.ts'
import { measureCallers, measureTurns } from '../../measure/measure-reads.ts'
import { assertRow, knownTable, randomKeys, selectPoint, type TextRow } from '../../subjects/table.ts'
import type { Trial } from '../../trials/trial.ts'
import { openTable } from './open-table.ts'

/** So many callers, each awaiting point reads through the pool one after the other. */
export function points(callers: number): Trial {
  return async ({ sharedFolder, pace }) => {
    const db = await openTable(sharedFolder)
    const nextKey = randomKeys(knownTable(sharedFolder))
    const measured = await measureCallers(pace, callers, 'reads/s', async () => {
      const key = nextKey()
      assertRow(await db.readFirst<TextRow>(selectPoint, [key]), key)
      return 1
    })
    await db.close()
    return measured
  }
}

/** The same reads in the app's thread, asked for by name. */
export const pointsInThread: Trial = async ({ sharedFolder, pace }) => {
  const db = await openTable(sharedFolder, { inThreadReader: true })
  const nextKey = randomKeys(knownTable(sharedFolder))
  const measured = await measureTurns(pace, pointCallers.some, 'reads/s', () => {
    const key = nextKey()
    assertRow(db.readFirstSync<TextRow>(selectPoint, [key]), key)
    return 1
  })
  await db.close()
  return measured
}
