import type { Clock } from '../clock.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { BatchAnswers } from '../writer/batch.ts'
import { partsOf } from './batch-parts.ts'
import { channels } from './channels/channels.ts'
import type { BatchMessage } from './channels/messages.ts'
import { WriteTracer } from './channels/write-tracer.ts'
import { LabelRows } from './label-rows.ts'
import type { BlockedReport, WriteLabelReport } from './ledger-report.ts'
import { holders, LockBlame } from './lock-blame.ts'
import type { SlowLog } from './slow-log.ts'
import { WriteRow } from './write-row.ts'

/** What the ledger is told of a batch's answers. */
type Answers = Pick<
  BatchAnswers,
  'answered' | 'numbers' | 'others' | 'times' | 'waitedMs' | 'heldMs' | 'contended'
>

/** Accounts for writes: the mailbox tells who enters, the writer's desk what became of each batch. */
export class WriteLedger {
  readonly #clock: Pick<Clock, 'now'>
  readonly #slow: SlowLog
  readonly #blame: LockBlame
  readonly #rows: LabelRows<LaneName, WriteRow>
  readonly #database: string
  /** How many batches have been posted, and the writes of the one under way. */
  #batches = 0
  #posted: readonly PendingWrite[] = []
  /** When the batch under way was posted; undefined while none is. */
  #postedAtMs: number | undefined
  /** How much of its time the writer was at a checkpoint. */
  #checkpointMs = 0
  /** When the lock was first asked for that another process has. */
  #contendedSinceMs: number | undefined

  /** @param database its file, for those who listen to the channels. */
  constructor(clock: Pick<Clock, 'now'>, slow: SlowLog, database: string) {
    this.#database = database
    this.#clock = clock
    this.#slow = slow
    const blame = new LockBlame(clock.now())
    this.#blame = blame
    this.#rows = new LabelRows((label, lane, index) => new WriteRow({ label, lane, index, clock, blame }))
  }

  /** It was called for: told to those who listen, inside the call. */
  called(write: PendingWrite): void {
    write.tracer = WriteTracer.start(write, this.#database, this.#clock)
  }

  /** It waits from now on: in its lane, or to get into it. */
  entered(write: PendingWrite): WriteRow {
    const known = write.row
    if (known !== undefined) return known
    const row = this.#rows.of(write.label, write.lane)
    write.row = row
    this.#blame.enter(row.waiters, write.enteredAtMs)
    return row
  }

  /** It has got its place in its lane. */
  admitted(write: PendingWrite): void {
    this.entered(write).admitted++
  }

  /** It is not taken in, or got no place after it has waited for one. */
  refused(write: PendingWrite): void {
    const row = write.row ?? this.#rows.of(write.label, write.lane)
    if (write.row !== undefined) row.waited(write, this.#clock.now())
    // It has come to nothing, and is not counted as failed besides.
    write.row = undefined
    if (!write.bestEffort) row.rejected++
  }

  dropped(label: string | undefined, lane: LaneName, cause: string, count: number): void {
    this.#rows.of(label, lane).drop(cause, count)
  }

  coalesced(label: string, lane: LaneName, count: number): void {
    this.#rows.of(label, lane).coalesced += count
  }

  /** A lane is held back for the log's sake, or no longer. */
  rests(lane: LaneName, isResting: boolean): void {
    if (this.#postedAtMs === undefined) this.#blame.endGap(this.#clock.now())
    this.#blame.rests(lane, isResting)
  }

  /** A batch was posted. */
  began(writes: readonly PendingWrite[], nowMs: number): void {
    this.#blame.endGap(nowMs)
    this.#postedAtMs = nowMs
    this.#checkpointMs = 0
    this.#posted = writes
    this.#batches++
    for (const write of writes) {
      const { row } = write
      write.tracer?.began(this.#batches)
      if (row === undefined) continue
      this.#blame.take(row.waiters)
      write.takenAtMs = nowMs
    }
  }

  /** The writer has copied the log for so long, up to now. */
  checkpointed(ms: number): void {
    if (this.#postedAtMs !== undefined)
      this.#checkpointMs += Math.min(ms, this.#clock.now() - this.#postedAtMs)
  }

  /** A batch was answered: asked before its writes are settled and the rest goes back to its lane. */
  answered(writes: readonly PendingWrite[], answers: Answers, nowMs: number): void {
    const postedAtMs = this.#postedAtMs ?? nowMs
    const lengthMs = nowMs - postedAtMs
    const waitedMs = Math.min(answers.waitedMs, lengthMs)
    const heldMs = Math.min(answers.heldMs, lengthMs - waitedMs)
    const { answered, contended } = answers
    const isContended = contended !== undefined
    const begunAtMs = postedAtMs + waitedMs
    if (isContended) this.#contendedSinceMs = this.#firstRefusal(writes[0], postedAtMs)
    else this.#noteBegin(writes[0], postedAtMs, begunAtMs)
    const holding = this.#accountFor(writes, answers, begunAtMs, waitedMs)
    if (answered < writes.length) this.#putBack(writes.slice(answered), waitedMs)
    const checkpointMs = this.#checkpointMs
    const parts = this.#blame.isWaitedFor
      ? partsOf(holding, { lengthMs, waitedMs, heldMs, checkpointMs, isContended }, writes[0])
      : nothing
    for (const row of holding) row.batchMs = 0
    this.#postedAtMs = undefined
    this.#blame.endBatch(nowMs, parts, isContended ? 'anotherProcess' : 'app')
    if (!channels.batch.hasSubscribers) {
      this.#posted = nothing
      return
    }
    const outcome = isContended ? 'contended' : 'answered'
    this.#tellOfBatch({
      outcome,
      answered,
      startedAtMs: postedAtMs,
      endedAtMs: nowMs,
      beginWaitMs: waitedMs,
      holdMs: heldMs,
    })
  }

  /** The lock was not to be had for so long that writes were given up. */
  gaveUpLock(write: PendingWrite): void {
    const nowMs = this.#clock.now()
    this.#slow.begin(write, nowMs - (this.#contendedSinceMs ?? nowMs))
  }

  /** The thread has gone; a batch that was under way is accounted for once it is known what became of it. */
  lostWriter(): void {
    if (this.#postedAtMs !== undefined) return
    this.#blame.endGap(this.#clock.now())
    this.#blame.gap = 'writer'
  }

  /** What became of the batch of a thread that has gone: those of its writes that go back to their lane. */
  lostBatch(again: readonly PendingWrite[]): void {
    if (this.#postedAtMs === undefined) return
    const nowMs = this.#clock.now()
    const startedAtMs = this.#postedAtMs
    this.#putBack(again, 0)
    this.#postedAtMs = undefined
    this.#blame.endBatch(nowMs, [[holders.writer, nowMs - startedAtMs]], 'writer')
    const answered = this.#posted.length - again.length
    this.#tellOfBatch({ outcome: 'lost', answered, startedAtMs, endedAtMs: nowMs, beginWaitMs: 0, holdMs: 0 })
  }

  /** A thread is ready. */
  gotWriter(): void {
    this.#blame.endGap(this.#clock.now())
    this.#blame.gap = 'app'
  }

  /** Those that held the lock longest, first. */
  report(ageMs: number): WriteLabelReport[] {
    return this.#rows.all
      .toSorted((one, other) => other.hold.totalMs - one.hold.totalMs)
      .map((row) => row.report(ageMs))
  }

  /** Up to now, or to when the batch under way was posted: who holds the lock in that is known when it is answered. */
  blocked(): BlockedReport[] {
    if (this.#postedAtMs === undefined) this.#blame.endGap(this.#clock.now())
    return this.#blame.report(this.#rows.names)
  }

  get bytes(): number {
    return this.#rows.all.reduce((sum, row) => sum + row.bytes, this.#blame.bytes)
  }

  /**
   * The time of each answered write, and what it was for others.
   * @returns the rows of those that held the lock.
   */
  #accountFor(
    writes: readonly PendingWrite[],
    { answered, times, numbers, others, heldMs }: Answers,
    begunAtMs: number,
    waitedMs: number,
  ): WriteRow[] {
    const holding: WriteRow[] = []
    const sharedMs = Math.max(0, heldMs - sumOf(times, answered)) / answered
    for (let item = 0; item < answered; item++) {
      const write = writes[item] as PendingWrite
      const { row } = write
      if (row === undefined) continue
      const holdMs = (times[item] ?? 0) + sharedMs
      const changes = numbers[item * 2] as number
      row.hold.record(holdMs)
      write.tracer?.held(holdMs, changes)
      row.rows += changes
      if (row.batchMs === 0 && holdMs > 0) holding.push(row)
      row.batchMs += holdMs
      if (waitedMs > 0) {
        write.beginWaitMs += waitedMs
        write.takenAtMs = begunAtMs
        this.#blame.charge(row.waiters, holders.anotherProcess, waitedMs)
      }
      if (holdMs > this.#slow.slowMs) this.#slow.write(write, begunAtMs - write.enteredAtMs, holdMs, changes)
    }
    this.#correctRows(writes, numbers, others)
    return holding
  }

  /** The numbers are those of plain statements that were committed. */
  #correctRows(
    writes: readonly PendingWrite[],
    numbers: Answers['numbers'],
    others: Answers['others'],
  ): void {
    for (const [item, other] of others) {
      const write = writes[item]
      if (write?.row === undefined) continue
      if (other.kind === 'error') write.row.rows -= numbers[item * 2] as number
      else if (other.kind === 'atomic') {
        const changes = other.results.reduce((sum, result) => sum + result.changes, 0)
        write.row.rows += changes
        write.tracer?.changed(changes)
      }
    }
  }

  #putBack(writes: readonly PendingWrite[], waitedMs: number): void {
    for (const write of writes) {
      const { row } = write
      if (row === undefined) continue
      write.takenAtMs = undefined
      write.beginWaitMs += waitedMs
      row.retried++
      write.tracer?.wentBack()
      this.#blame.putBack(row.waiters)
    }
  }

  #tellOfBatch(batch: Omit<BatchMessage, 'database' | 'batch' | 'lane' | 'writes'>): void {
    const writes = this.#posted
    this.#posted = nothing
    const [first] = writes
    if (!channels.batch.hasSubscribers || first === undefined) return
    const { lane } = first
    channels.batch.publish({
      database: this.#database,
      batch: this.#batches,
      lane,
      writes: writes.length,
      ...batch,
    })
  }

  /** The lock has been had: whoever waited for it long enough is told of. */
  #noteBegin(first: PendingWrite | undefined, postedAtMs: number, begunAtMs: number): void {
    const waitedMs = begunAtMs - this.#firstRefusal(first, postedAtMs)
    this.#contendedSinceMs = undefined
    if (first !== undefined && waitedMs > this.#slow.slowMs) this.#slow.begin(first, waitedMs)
  }

  /** When the wait began: not before whoever waits now has come. */
  #firstRefusal(first: PendingWrite | undefined, postedAtMs: number): number {
    return Math.max(this.#contendedSinceMs ?? postedAtMs, first?.enteredAtMs ?? 0)
  }
}

const nothing: readonly never[] = []

function sumOf(times: Float64Array, answered: number): number {
  let sum = 0
  for (let item = 0; item < answered; item++) sum += times[item] ?? 0
  return sum
}
