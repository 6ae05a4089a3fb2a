import type { Database } from '@lockkeeper/core'
import type { Trial } from '../../trials/trial.ts'
import { callers } from '../writes/callers.ts'

/** The work of `writes_256_process`, with the extension on every connection. */
export const withSignals: Trial = callers(256, 'process', (db) => assertLoaded(db, true))

/** The same without it. */
export const withoutSignals: Trial = (settings) => {
  // Lockkeeper's threads look for the extension under this process's environment, as it is when they start.
  process.env.LOCKKEEPER_SIGNALS = 'off'
  return callers(256, 'process', (db) => assertLoaded(db, false))(settings)
}

function assertLoaded(db: Database, isWanted: boolean): void {
  const { waiting, notice } = db.report().signals
  if ((waiting !== 'none') === isWanted) return
  throw new Error(`The extension was ${isWanted ? 'not loaded' : 'loaded nevertheless'}: ${notice}`)
}
