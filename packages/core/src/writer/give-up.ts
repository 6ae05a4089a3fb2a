import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'

/**
 * Another process has the lock: fails the writes that have waited for it too long, counted from when it was first refused on
 * their behalf.
 * @returns those that go on waiting.
 */
export function giveUpOverdue(
  writes: readonly PendingWrite[],
  error: LockkeeperError,
  now: number,
  waitMsMax: number,
): PendingWrite[] {
  const again: PendingWrite[] = []
  for (const write of writes) {
    write.refusedLockSinceMs ??= now
    if (now - write.refusedLockSinceMs < waitMsMax) again.push(write)
    else write.fail(new LockkeeperError(error.message, { ...error, cause: error.cause, label: write.label }))
  }
  return again
}
