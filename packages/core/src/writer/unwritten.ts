import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { Mailbox, PlannedBatch } from '../mailbox/mailbox.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import { outcomeUnknown } from './outcomes.ts'

/** Ends writes that come to nothing, and counts those that were to be written before the end (promise 13). */
export class Unwritten {
  /** By lane. */
  readonly counts: Record<LaneName, number> = { user: 0, sync: 0, background: 0 }
  readonly #mailbox: Mailbox

  constructor(mailbox: Mailbox) {
    this.#mailbox = mailbox
  }

  /** A batch of which nobody can tell whether it is stored. */
  giveUp({ lane, writes }: PlannedBatch, reason: LockkeeperError): void {
    for (const write of writes) write.fail(outcomeUnknown(reason, write))
    this.#mailbox.lanes[lane].counts.failed += writes.length
    if (this.#mailbox.isClosed) this.counts[lane] += writes.length
  }

  /** Everything that waits. */
  failAll(errorOf: (write: PendingWrite) => LockkeeperError): void {
    const failed = this.#mailbox.failAll(errorOf)
    if (this.#mailbox.isClosed) for (const lane of laneNames) this.counts[lane] += failed[lane]
  }
}
