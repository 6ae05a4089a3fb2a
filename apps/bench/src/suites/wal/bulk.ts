import type { Checkpoints } from '@lockkeeper/core'
import type { Trial } from '../../trials/trial.ts'
import { BulkLoad } from './bulk-load.ts'
import { openLog } from './open-log.ts'

/** A bulk load that has the writer to itself. */
export function bulk(checkpoints: Checkpoints): Trial {
  return async ({ folder, pace }) => {
    const db = await openLog(folder, checkpoints)
    const load = new BulkLoad(db, pace.logRows)
    const measured = await load.measure()
    await load.assertStored()
    await db.close()
    return measured
  }
}
