import { SideProcess } from '../../processes/side-process.ts'
import type { Preparation } from '../suite.ts'

/** What the process that makes the table is started with. */
export interface TableOrder {
  readonly folder: string
  readonly rows: number
}

/** Makes the table that all trials read, and finds how much of it a slow scan goes through. */
export async function makeTable({ folder, pace, signal }: Preparation): Promise<void> {
  signal.throwIfAborted()
  const order: TableOrder = { folder, rows: pace.tableRows }
  await using maker = new SideProcess(new URL('./table-process.ts', import.meta.url), order)
  const kill = (): void => void maker[Symbol.asyncDispose]()
  signal.addEventListener('abort', kill, { once: true })
  try {
    await maker.next()
    await maker.ended()
  } finally {
    signal.removeEventListener('abort', kill)
    signal.throwIfAborted()
  }
}
