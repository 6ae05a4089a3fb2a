import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { beginGiveUpMs } from '../limits.ts'
import type { Mailbox, PlannedBatch } from '../mailbox/mailbox.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { WriterDeskParts } from './desk-parts.ts'

/**
 * Another process has the lock: puts the batch back into its lane, and fails those of its writes that have waited too long.
 */
export function backWithoutLock(
  { writes, lane }: Pick<PlannedBatch, 'writes' | 'lane'>,
  error: LockkeeperError,
  { mailbox, clock, counters, lockWaitMsMax = beginGiveUpMs }: WriterDeskParts,
): void {
  const again = giveUpOverdue(writes, error, clock.now(), lockWaitMsMax)
  const givenUp = again.length < writes.length ? writes.find((write) => write.settled) : undefined
  if (givenUp !== undefined) counters.ledger?.writes.gaveUpLock(givenUp)
  mailbox.lanes[lane].counts.failed += writes.length - again.length
  mailbox.putBack(again)
}

/**
 * Each write's wait counts from when the lock was first refused on its behalf.
 * @returns those that go on waiting.
 */
function giveUpOverdue(
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

/** What a slice had no time for goes back to the front of its lane, which learns how much it gets through. */
export function putBackRest({ lane, writes }: PlannedBatch, answered: number, mailbox: Mailbox): void {
  const rest = writes.slice(answered)
  // The lock was had: whoever has to wait for it again has not waited yet.
  for (const write of rest) write.refusedLockSinceMs = undefined
  mailbox.putBack(rest)
  mailbox.lanes[lane].pace.learn(writes.length, answered)
}
