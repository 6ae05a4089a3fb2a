import { wideCallers, wideRows } from '../limits.ts'
import { measureMixed } from '../measure/measure-mixed.ts'
import { measureCallers } from '../measure/measure-reads.ts'
import {
  assertRow,
  assertRows,
  knownTable,
  randomKeys,
  selectPoint,
  selectSlow,
  selectWide,
  type Table,
  type TextRow,
} from '../subjects/table.ts'
import type { Measurements, Trial, TrialSettings } from '../trials/trial.ts'
import { type Dispatch, WorkerPool } from './worker-pool.ts'

/** So many callers, each awaiting point reads one after the other. */
export function points(dispatch: Dispatch, callers: number): Trial {
  return (settings) =>
    withPool(dispatch, settings, (pool, table) => {
      const read = pointRead(pool, table)
      return measureCallers(settings.pace, callers, 'reads/s', async () => {
        await read()
        return 1
      })
    })
}

/** Callers who each ask for a thousand rows at a time. */
export function wide(dispatch: Dispatch): Trial {
  return (settings) =>
    withPool(dispatch, settings, (pool, table) => {
      const nextKey = randomKeys(table, wideRows)
      return measureCallers(settings.pace, wideCallers, 'rows/s', async () => {
        const from = nextKey()
        const rows = (await pool.all(selectWide, [from, from + wideRows - 1])) as TextRow[]
        assertRows(rows, from, wideRows)
        return rows.length
      })
    })
}

/** People read while as many scans run as Lockkeeper has background readers; all on one pool. */
export function mixed(dispatch: Dispatch): Trial {
  return (settings) =>
    withPool(dispatch, settings, (pool, table) =>
      measureMixed(settings.pace, {
        point: pointRead(pool, table),
        scan: async () => {
          await pool.all(selectSlow, [table.scanRows])
        },
        scans: table.readers.background,
      }),
    )
}

function pointRead(pool: WorkerPool, table: Table): () => Promise<void> {
  const nextKey = randomKeys(table)
  return async () => {
    const key = nextKey()
    const [row] = await pool.all(selectPoint, [key])
    assertRow(row as TextRow | undefined, key)
  }
}

async function withPool(
  dispatch: Dispatch,
  { sharedFolder }: TrialSettings,
  measure: (pool: WorkerPool, table: Table) => Promise<Measurements>,
): Promise<Measurements> {
  const table = knownTable(sharedFolder)
  const { interactive, background } = table.readers
  const pool = await WorkerPool.start(dispatch, interactive + background, sharedFolder)
  const measured = await measure(pool, table)
  await pool.leave()
  return measured
}
