import type { Clock } from '../clock.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import { Histogram } from './histogram.ts'
import type { WriteLabelReport } from './ledger-report.ts'
import { type LockBlame, Waiters } from './lock-blame.ts'

export interface WriteRowParts {
  readonly label: string
  /** The label's number. */
  readonly index: number
  readonly lane: LaneName
  readonly clock: Pick<Clock, 'now'>
  readonly blame: LockBlame
}

/** The account of the writes of one label and lane. A write knows its own, so that its label is looked up once. */
export class WriteRow {
  readonly label: string
  readonly lane: LaneName
  readonly waiters: Waiters
  readonly hold = new Histogram()
  admitted = 0
  rejected = 0
  coalesced = 0
  retried = 0
  rows = 0
  /** Of the batch that is being accounted for: how long its writes held the lock. */
  batchMs = 0
  readonly #clock: Pick<Clock, 'now'>
  readonly #blame: LockBlame
  #committed = 0
  #failed = 0
  #bytes = 0
  readonly #dropped = new Map<string, number>()
  readonly #queueWait = new Histogram()
  readonly #beginWait = new Histogram()
  readonly #total = new Histogram()

  constructor({ label, index, lane, clock, blame }: WriteRowParts) {
    this.label = label
    this.lane = lane
    this.waiters = new Waiters(index, lane)
    this.#clock = clock
    this.#blame = blame
    blame.add(this.waiters)
  }

  /** One of its writes has its outcome. */
  ended(write: PendingWrite, isCommitted: boolean): void {
    const nowMs = this.#clock.now()
    if (isCommitted) {
      this.#committed++
      this.#bytes += write.bytes + write.bytesSent
    } else this.#failed++
    this.waited(write, nowMs)
    this.#total.record(nowMs - write.enteredAtMs)
  }

  /** One of its writes waits no longer: a batch has taken it, or it has ended before. */
  waited(write: PendingWrite, nowMs: number): void {
    const { takenAtMs, enteredAtMs, beginWaitMs } = write
    if (takenAtMs === undefined) this.#blame.leave(this.waiters, nowMs)
    this.#queueWait.record((takenAtMs ?? nowMs) - enteredAtMs - beginWaitMs)
    if (beginWaitMs > 0) this.#beginWait.record(beginWaitMs)
  }

  drop(cause: string, count: number): void {
    this.#dropped.set(cause, (this.#dropped.get(cause) ?? 0) + count)
  }

  get bytes(): number {
    return this.hold.bytes + this.#queueWait.bytes + this.#beginWait.bytes + this.#total.bytes
  }

  report(ageMs: number): WriteLabelReport {
    const { label, lane, admitted, rejected, coalesced, retried, rows, hold } = this
    return {
      ...{ label, lane, admitted, rejected, coalesced },
      dropped: Object.fromEntries(this.#dropped),
      committed: this.#committed,
      failed: this.#failed,
      retried,
      queueWait: this.#queueWait.toJSON(),
      beginWait: this.#beginWait.toJSON(),
      hold: hold.toJSON(),
      total: this.#total.toJSON(),
      rows,
      bytes: this.#bytes,
      lockShare: ageMs > 0 ? hold.totalMs / ageMs : 0,
    }
  }
}
