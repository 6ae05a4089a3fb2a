import { makeInProcess } from '../../processes/make-in-process.ts'
import type { Preparation } from '../suite.ts'

/** What the process that makes the table is started with. */
export interface TableOrder {
  readonly folder: string
  readonly rows: number
}

/** Makes the table that all trials read, and finds how much of it a slow scan goes through. */
export async function makeTable({ folder, pace, signal }: Preparation): Promise<void> {
  const order: TableOrder = { folder, rows: pace.tableRows }
  await makeInProcess(new URL('./table-process.ts', import.meta.url), order, signal)
}
