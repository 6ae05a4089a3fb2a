import type { Connection } from '../engine/port.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'

/**
 * After a failed sync: copies the whole log into the file, syncs that, and empties the log. What the system holds of the log may
 * never reach the disk, and no later sync of the log would tell; a write acknowledged as `power` on top of it would be lost
 * with it (promise 2).
 *
 * @throws LockkeeperError `sqlite-ioerr-fsync` while a read that goes on, or another process, keeps the log from being emptied.
 */
export function renewLog(connection: Connection): void {
  const [busy] = connection.prepareOwn('pragma wal_checkpoint(truncate)').firstArray(undefined) as [number]
  if (busy === 0) return
  throw new LockkeeperError(
    'The disk failed to sync the log, and readers keep it from being begun anew: writing goes on once they have ended',
    { code: 'sqlite-ioerr-fsync', stage: 'open', retryable: true },
  )
}
