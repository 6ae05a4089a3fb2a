import type { Checkpoints } from '@lockkeeper/core'
import { Latencies } from '../../measure/latencies.ts'
import { assertStored, countTexts } from '../../subjects/schema.ts'
import type { Trial } from '../../trials/trial.ts'
import { UserArrivals } from '../writes/user-arrivals.ts'
import { BulkLoad } from './bulk-load.ts'
import { LogPin } from './log-pin.ts'
import { openLog } from './open-log.ts'

/** Users write beside a bulk load, with or without somebody who pins the log all the while. */
export function usersBeside(checkpoints: Checkpoints, pinned?: 'pinned'): Trial {
  return async ({ folder, pace }) => {
    const db = await openLog(folder, checkpoints)
    const load = new BulkLoad(db, pace.logRows)
    const pin = pinned === undefined ? undefined : await LogPin.set(db)
    const latencies = new Latencies('ms')
    const users = new UserArrivals(db, latencies)
    const measured = await load.measure(latencies)
    const waits = { ...latencies.summary(), user_max: latencies.max() }
    const acknowledged = await users.stop()
    const pins = await pin?.release()
    await load.assertStored()
    assertStored(await db.readValue(countTexts), acknowledged)
    await db.close()
    return { ...measured, ...waits, ...pins }
  }
}
