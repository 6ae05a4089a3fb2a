import type { Clock } from '../clock.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import type { JobState } from '../jobs/job-state.ts'
import { beginGiveUpMs, strikesMax } from '../limits.ts'
import type { BulkSink } from '../mailbox/admission.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { Mailbox, PlannedBatch } from '../mailbox/mailbox.ts'
import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { ProcedureKinds } from '../procedures/load.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { FromWriterThread, WriterThreadData } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import { type BatchAnswers, encodeBatch } from './batch.ts'
import type { BulkChunk } from './bulk.ts'
import type { FileClaim } from './claim.ts'
import type { CommitRecord } from './commit-record.ts'
import type { WriterControl } from './control.ts'
import { outcomeUnknown, poisonous, refusedFor, resultLost, rowsLost } from './outcomes.ts'
import { settleBatch } from './settle.ts'

export interface WriterDeskParts {
  readonly mailbox: Mailbox
  readonly control: WriterControl
  readonly clock: Clock
  readonly counters: Counters
  /** Takes hold of the file, for as long as a thread has it open. Throws `already-open`, `cannot-open`. */
  readonly claim: () => FileClaim
  readonly threadData: Omit<WriterThreadData, 'control'>
}

/** What the desk tells the machine: coarse events, one or two a batch. */
export type WriterThreadEvent =
  | { readonly type: 'work' }
  | {
      readonly type: 'thread.migrating'
      readonly name: string
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'thread.ready'; readonly sqlite: string }
  | { readonly type: 'thread.refused'; readonly error: LockkeeperError }
  | { readonly type: 'batch.done'; readonly answered: number; readonly failed: number }
  | { readonly type: 'batch.contended' }

interface BatchUnderWay extends PlannedBatch {
  readonly id: number
}

/**
 * The app thread's side of the writer: takes batches out of the mailbox, posts them to the thread and settles their writes.
 * The machine says when; per-write work stays here, out of the machine's events and context.
 */
export class WriterDesk implements ThreadOwner<'writer'>, BulkSink {
  readonly #parts: WriterDeskParts
  /** What the thread said of itself when it was ready. */
  procedures: ProcedureKinds = new Map()
  sqlite = ''
  unfinishedJobs: readonly JobState[] = []
  /** Writes given up when the writer ended, by lane. */
  readonly notWritten: Record<LaneName, number> = { user: 0, sync: 0, background: 0 }
  #claim: FileClaim | undefined
  #nudged = false
  #thread: Thread<'writer'> | undefined
  #underWay: BatchUnderWay | undefined
  /** Which thread holds the rows of which bulk write. */
  readonly #bulks = new Map<number, Thread<'writer'>>()
  #lastId = 0

  constructor(parts: WriterDeskParts) {
    this.#parts = parts
  }

  toJSON(): object {
    return { queued: this.#parts.mailbox, underWay: this.#underWay?.writes.length ?? 0 }
  }

  get hasWork(): boolean {
    return this.#parts.mailbox.depth > 0
  }

  get isBusy(): boolean {
    return this.#underWay !== undefined
  }

  data(): WriterThreadData {
    this.#claim = this.#parts.claim()
    return { ...this.#parts.threadData, control: this.#parts.control.buffer }
  }

  connect(thread: Thread<'writer'> | undefined): void {
    this.#thread = thread
    if (thread === undefined) this.#claim?.release()
  }

  /** Wakes the machine when work arrives: once for all writes of one turn of the event loop, so that they share a batch. */
  onSend(send: ((event: WriterThreadEvent) => void) | undefined): void {
    this.#parts.mailbox.watch((lane) => {
      if (this.isBusy) this.noticeEntry(lane)
      else if (!this.#nudged && send !== undefined) {
        this.#nudged = true
        process.nextTick(() => {
          this.#nudged = false
          send({ type: 'work' })
        })
      }
    })
  }

  onMessage(message: FromWriterThread): WriterThreadEvent {
    switch (message.type) {
      case 'migrating':
        return { type: 'thread.migrating', name: message.name, done: message.done, total: message.total }
      case 'refused':
        return { type: 'thread.refused', error: errorFromWire(message.error) }
      case 'ready':
        try {
          this.#claim?.confirm()
        } catch (thrown) {
          return { type: 'thread.refused', error: errorFromThrown(thrown, { stage: 'open' }) }
        }
        this.procedures = message.procedures
        this.sqlite = message.sqlite
        this.unfinishedJobs = message.unfinishedJobs
        this.#recover(message.last)
        this.#thread?.release()
        return { type: 'thread.ready', sqlite: message.sqlite }
      case 'answers':
        return this.#onAnswers(message.answers)
    }
  }

  /** A write has entered: if it is more urgent than the batch under way, that one is asked to end early (promise 4). */
  noticeEntry(lane: LaneName): void {
    const batch = this.#underWay
    if (batch === undefined || batch.aged) return
    if (laneNames.indexOf(lane) < laneNames.indexOf(batch.lane)) this.#parts.control.askToYield(true)
  }

  /** Sends rows ahead of their bulk write. */
  post(id: number, chunk: BulkChunk, transfer: ArrayBuffer[]): void {
    const thread = this.#bulks.get(id) ?? this.#thread
    if (thread === undefined || thread !== this.#thread) throw rowsLost()
    this.#bulks.set(id, thread)
    thread.post({ type: 'rows', bulk: id, chunk }, transfer)
  }

  assertWhole(id: number): void {
    const holder = this.#bulks.get(id)
    if (holder !== undefined && holder !== this.#thread) throw rowsLost()
  }

  forget(id: number): void {
    if (!this.#bulks.delete(id)) return
    this.#thread?.post({ type: 'forget', bulk: id })
  }

  /** Posts the next batch. @returns whether there was one. */
  dispatch(): boolean {
    const { mailbox, control } = this.#parts
    const thread = this.#thread
    if (thread === undefined) throw new Error('The writer has no thread to dispatch to')
    const planned = mailbox.takeBatch()
    if (planned === undefined) return false
    const id = ++this.#lastId
    this.#underWay = { ...planned, id }
    control.askToYield(false)
    thread.hold()
    const works = planned.writes.map((write) => write.fields.work)
    const durability = planned.writes.some((write) => write.fields.durability === 'power')
      ? 'power'
      : 'process'
    thread.post({
      type: 'batch',
      batch: encodeBatch({ id, sliceMs: planned.sliceMs, durability, keys: keysOf(planned.writes) }, works),
    })
    return true
  }

  /** Settles what was answered and puts the rest back. */
  #onAnswers(answers: BatchAnswers): WriterThreadEvent {
    const { mailbox, counters } = this.#parts
    const batch = this.#takeUnderWay(answers.id)
    this.#thread?.release()
    counters.countBusy(answers.busy)
    counters.batches += answers.commits
    if (answers.contended !== undefined) {
      this.#giveUpOrPutBack(batch, errorFromWire(answers.contended))
      return { type: 'batch.contended' }
    }
    for (const [item, ms] of answers.overstays) {
      counters.overstays.add(batch.writes[item]?.fields.label, ms)
    }
    const failed = settleBatch(batch.writes, answers)
    const counts = mailbox.lanes[batch.lane].counts
    counts.failed += failed
    counts.committed += answers.answered - failed
    mailbox.putBack(batch.writes.slice(answers.answered))
    return { type: 'batch.done', answered: answers.answered, failed }
  }

  /** A new thread is ready and says what the file last recorded: the batch that was under way gets its true outcome. */
  #recover(record: CommitRecord): void {
    const batch = this.#underWay
    const running = this.#parts.control.runningItem
    this.#parts.control.reset()
    for (const lane of laneNames) {
      this.#parts.mailbox.failWhere(lane, (write) => this.#hasLostRows(write), rowsLost)
    }
    if (batch === undefined) return
    this.#underWay = undefined
    const answered = record.batch === batch.id ? record.answered : 0
    const failed = new Set(record.failed)
    const counts = this.#parts.mailbox.lanes[batch.lane].counts
    const again: PendingWrite[] = []
    for (const [item, write] of batch.writes.entries()) {
      if (item < answered && !failed.has(item)) {
        counts.committed++
        write.fail(resultLost(write))
      } else if (item === running && ++write.strikes >= strikesMax) {
        counts.failed++
        write.fail(poisonous(write))
      } else if (this.#hasLostRows(write)) {
        counts.failed++
        write.fail(rowsLost(write))
      } else again.push(write)
    }
    this.#parts.mailbox.putBack(again)
  }

  /** No thread will come any more: what was under way can't be told, what waits is not stored. */
  abandon(reason: LockkeeperError): void {
    const { mailbox } = this.#parts
    mailbox.refuse((write) => refusedFor(reason, write))
    const batch = this.#underWay
    this.#underWay = undefined
    for (const write of batch?.writes ?? []) write.fail(outcomeUnknown(reason, write))
    if (batch !== undefined) mailbox.lanes[batch.lane].counts.failed += batch.writes.length
    const counts = mailbox.failAll((write) => refusedFor(reason, write))
    if (batch !== undefined) counts[batch.lane] += batch.writes.length
    for (const lane of laneNames) this.notWritten[lane] += counts[lane]
  }

  leave(): void {
    this.#parts.control.askToLeave()
    this.#thread?.hold()
    this.#thread?.post({ type: 'leave' })
  }

  terminate(): void {
    this.#thread?.terminate()
    this.#thread?.release()
  }

  /** Whether its rows were sent to a thread that is no longer there. */
  #hasLostRows({ fields: { work } }: PendingWrite): boolean {
    const holder = work.kind === 'bulk' ? this.#bulks.get(work.id) : undefined
    return holder !== undefined && holder !== this.#thread
  }

  #takeUnderWay(id: number): BatchUnderWay {
    const batch = this.#underWay
    if (batch?.id !== id) throw new Error(`The writer answered batch ${id}, which is not under way`)
    this.#underWay = undefined
    return batch
  }

  #giveUpOrPutBack(batch: BatchUnderWay, error: LockkeeperError): void {
    const { mailbox, clock } = this.#parts
    const now = clock.now()
    const again: PendingWrite[] = []
    for (const write of batch.writes) {
      write.refusedLockSinceMs ??= now
      if (now - write.refusedLockSinceMs < beginGiveUpMs) again.push(write)
      else {
        mailbox.lanes[batch.lane].counts.failed++
        write.fail(
          new LockkeeperError(error.message, { ...error, cause: error.cause, label: write.fields.label }),
        )
      }
    }
    mailbox.putBack(again)
  }
}

/** Most batches have none, and send none. */
function keysOf(writes: readonly PendingWrite[]): (string | undefined)[] | undefined {
  const has = writes.some((write) => write.fields.idempotencyKey !== undefined)
  return has ? writes.map((write) => write.fields.idempotencyKey) : undefined
}
