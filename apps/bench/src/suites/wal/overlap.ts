import type { Checkpoints } from '@lockkeeper/core'
import type { Trial } from '../../trials/trial.ts'
import { BulkLoad } from './bulk-load.ts'
import { openLog } from './open-log.ts'
import { OverlappingReaders } from './overlapping-readers.ts'

/** A bulk load while readers never leave the log alone. */
export function overlapping(checkpoints: Checkpoints): Trial {
  return async ({ folder, pace }) => {
    const db = await openLog(folder, checkpoints)
    const load = new BulkLoad(db, pace.logRows)
    const readers = await OverlappingReaders.start(db)
    const measured = await load.measure(readers.latencies)
    const reading = await readers.stop()
    await load.assertStored()
    await db.close()
    return { ...measured, ...reading }
  }
}
