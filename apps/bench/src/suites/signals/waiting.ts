// Both ways to wait run on the same connection of better-sqlite3, opened the same way: they differ by the handler alone.

import { lockWaitMsMax } from '../../limits.ts'
import type { RawDatabase } from '../../rivals/raw-connection.ts'

/** Who waits for the write lock: SQLite's own busy handler, which sleeps and looks again, or the signals extension. */
export type Waiting = 'busy_timeout' | 'signals'

/** Opens the trial's database, whose tables are there already. */
export async function openWaiting(folder: string, waiting: Waiting): Promise<RawDatabase> {
  const { reopenRaw } = await import('../../rivals/raw-connection.ts')
  const database = reopenRaw(folder, 'process', lockWaitMsMax)
  if (waiting === 'signals') await loadSignals(database)
  return database
}

/** Makes the trial's database, and answers when it is closed again. */
export async function makeTables(folder: string): Promise<void> {
  const { openRaw } = await import('../../rivals/raw-connection.ts')
  openRaw(folder, 'process').close()
}

/** What a query answers in one value, read when all who wrote are gone. */
export async function readOnce(folder: string, sql: string): Promise<unknown> {
  const { readValue, reopenRaw } = await import('../../rivals/raw-connection.ts')
  const database = reopenRaw(folder, 'process')
  try {
    return readValue(database, sql)
  } finally {
    database.close()
  }
}

/** @throws Error if a release can't wake who waits here: the figures would be somebody else's. */
async function loadSignals(database: RawDatabase): Promise<void> {
  const { locateSignals, Signals } = await import('@lockkeeper/signals')
  const location = locateSignals()
  if (location.path === undefined) throw new Error(location.reason)
  const signals = Signals.load(database, location.path)
  const { waits, notice } = signals.watch('writer')
  if (waits === 'sleeping') throw new Error(`Releases wake nobody here: ${notice}`)
  signals.waitAtMost(lockWaitMsMax)
}
