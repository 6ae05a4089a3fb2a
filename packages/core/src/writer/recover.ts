import { strikesMax } from '../limits.ts'
import { laneNames } from '../mailbox/lane-name.ts'
import type { Mailbox, PlannedBatch } from '../mailbox/mailbox.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { BulkDesk } from './bulk-desk.ts'
import type { CommitRecord } from './commit-record.ts'
import { poisonous, resultLost, rowsLost } from './outcomes.ts'

/** What is known of a batch whose thread died. */
export interface LostBatch {
  readonly batch: PlannedBatch & { readonly id: number }
  /** What the file last recorded. */
  readonly record: CommitRecord
  /** The item that ran when the thread died. */
  readonly running: number | undefined
  readonly bulks: BulkDesk
  /** The lane's. */
  readonly counts: { committed: number; failed: number }
}

/** Gives the writes of a lost batch their true outcomes (promise 3). @returns those that are not stored and may run again. */
export function recoverBatch({ batch, record, running, bulks, counts }: LostBatch): PendingWrite[] {
  const answered = record.batch === batch.id ? record.answered : 0
  const failed = new Set(record.failed)
  const again: PendingWrite[] = []
  for (const [item, write] of batch.writes.entries()) {
    if (item < answered && !failed.has(item)) {
      counts.committed++
      write.fail(resultLost(write))
    } else if (item === running && ++write.strikes >= strikesMax) {
      counts.failed++
      write.fail(poisonous(write))
    } else if (bulks.hasLostRows(write)) {
      counts.failed++
      write.fail(rowsLost(write))
    } else again.push(write)
  }
  return again
}

/** Fails the bulk writes that wait for their turn and whose rows went with the thread. */
export function failLostRows(mailbox: Mailbox, bulks: BulkDesk): void {
  for (const lane of laneNames) mailbox.failWhere(lane, (write) => bulks.hasLostRows(write), rowsLost)
}
