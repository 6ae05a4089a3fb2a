import { type SignalsState, without } from '../engine/signals.ts'
import { errorFromThrown } from '../errors/from-sqlite.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { RunawayWrites } from '../interrupts/runaway-writes.ts'
import type { JobState } from '../jobs/job-state.ts'
import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { PlannedBatch } from '../mailbox/mailbox.ts'
import { BackupDesk } from '../maintenance/backup-desk.ts'
import type { ProcedureKinds } from '../procedures/load.ts'
import type { WriteLedger } from '../telemetry/write-ledger.ts'
import type { FromWriterThread, WriterThreadData } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import { afterTheirTurn } from './after-their-turn.ts'
import { type BatchAnswers, batchOf } from './batch.ts'
import { BulkDesk } from './bulk-desk.ts'
import type { FileClaim } from './claim.ts'
import type { CommitRecord } from './commit-record.ts'
import { noteNews, type WriterDeskParts } from './desk-parts.ts'
import { backWithoutLock, putBackRest } from './give-up.ts'
import { LogDesk } from './log-desk.ts'
import { refusedFor } from './outcomes.ts'
import { failLostRows, recoverBatch } from './recover.ts'
import { countBatch, settleBatch } from './settle.ts'
import { Suspension } from './suspension.ts'
import type { WriterThreadEvent } from './thread-event.ts'
import { ThreadHold } from './thread-hold.ts'
import { Unwritten } from './unwritten.ts'

interface BatchUnderWay extends PlannedBatch {
  readonly id: number
  readonly postedAtMs: number
}

/**
 * The app thread's side of the writer: takes batches out of the mailbox, posts them to the thread and settles their writes.
 * The machine says when; per-write work stays here, out of the machine's events and context.
 */
export class WriterDesk implements ThreadOwner<'writer'> {
  /** Rows of bulk writes, on their way ahead of them. */
  readonly bulks = new BulkDesk()
  readonly log = new LogDesk()
  readonly backups: BackupDesk
  readonly #parts: WriterDeskParts
  readonly #ledger: WriteLedger | undefined
  readonly #runaways: RunawayWrites
  /** Why nothing can be written at the moment, if so. */
  readonly suspension: Suspension
  procedures: ProcedureKinds = new Map()
  sqlite = ''
  signals: SignalsState = without('the writer has not started yet')
  unfinishedJobs: readonly JobState[] = []
  /** Whether the thread has committed something. Asked once it has died, so it stands until another is to be started. */
  hasCommitted = false
  readonly #unwritten: Unwritten
  #claim: FileClaim | undefined
  #nudged = false
  /** Between two batches of one stretch of work. */
  #flowing = false
  /** The last batch could not have the lock. */
  #contended = false
  #leaving = false
  readonly #hold = new ThreadHold()
  #send: ((event: WriterThreadEvent) => void) | undefined
  #thread: Thread<'writer'> | undefined
  #underWay: BatchUnderWay | undefined
  #lastId = 0

  constructor(parts: WriterDeskParts) {
    this.#parts = parts
    this.#ledger = parts.counters.ledger?.writes
    this.backups = new BackupDesk(parts.threadData.connection)
    this.#runaways = new RunawayWrites(parts)
    this.#unwritten = new Unwritten(parts.mailbox)
    this.suspension = new Suspension(parts.mailbox, this.#unwritten)
  }

  toJSON(): object {
    return { queued: this.#parts.mailbox, underWay: this.#underWay?.writes.length ?? 0 }
  }

  /** Writes given up when the writer ended, by lane. */
  get notWritten(): Readonly<Record<LaneName, number>> {
    return this.#unwritten.counts
  }

  get hasWork(): boolean {
    return this.#parts.mailbox.hasWork
  }

  /** Whether nobody waits any more. */
  get isDrained(): boolean {
    return this.#parts.mailbox.isEmpty
  }

  /** The batch that the thread is at. */
  get underWay(): (PlannedBatch & { readonly postedAtMs: number }) | undefined {
    return this.#underWay
  }

  get isBusy(): boolean {
    return this.#underWay !== undefined
  }

  data(): WriterThreadData {
    this.hasCommitted = false
    this.#claim?.assertSame()
    this.#claim = this.#parts.claim()
    const { threadData, control } = this.#parts
    const { opened } = this.#claim
    return { ...threadData, opened, control: control.buffer, renewLog: this.suspension.syncFailed }
  }

  connect(thread: Thread<'writer'> | undefined): void {
    if (thread === undefined) this.#ledger?.lostWriter()
    this.#thread = thread
    this.#flowing = false
    this.#contended = false
    this.#runaways.end()
    this.#runaways.connection = undefined
    this.#hold.connect(thread)
    this.bulks.connect(thread)
    this.log.connect(thread)
    this.backups.connect(thread)
    if (thread === undefined) this.#claim?.release()
  }

  /** Wakes the machine when work arrives: once for all writes of one turn of the event loop, so that they share a batch. */
  onSend(send: ((event: WriterThreadEvent) => void) | undefined): void {
    this.#send = send
    this.#parts.mailbox.watch((lane) => {
      if (this.isBusy) this.noticeEntry(lane)
      else if (!this.#nudged && !this.#flowing && send !== undefined) {
        this.#nudged = true
        process.nextTick(() => {
          this.#nudged = false
          send({ type: 'work' })
        })
      }
    })
  }

  onMessage(message: FromWriterThread): WriterThreadEvent | undefined {
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
        this.#onSignals(message.signals)
        this.procedures = message.procedures
        this.sqlite = message.sqlite
        this.unfinishedJobs = message.unfinishedJobs
        this.#recover(message.last)
        this.#ledger?.gotWriter()
        this.suspension.end()
        this.#hold.set(false)
        return { type: 'thread.ready', sqlite: message.sqlite }
      case 'answers':
        this.log.listener?.onBatch(message.answers.commits, message.log)
        return this.#onAnswers(message.answers)
      default:
        noteNews(message, this.#parts, this)
        return undefined
    }
  }

  #onSignals(state: SignalsState): void {
    this.signals = state
    this.#runaways.connection = state.target?.connection
    this.#parts.onSignals?.(state)
  }

  /** A write has entered: if it is more urgent than the batch under way, that one is asked to end early (promise 4). */
  noticeEntry(lane: LaneName): void {
    const batch = this.#underWay
    if (batch === undefined || batch.aged) return
    if (laneNames.indexOf(lane) < laneNames.indexOf(batch.lane)) this.#parts.control.askToYield(true)
  }

  /** Posts the next batch. @returns whether there was one. */
  dispatch(): boolean {
    const { mailbox, control, clock } = this.#parts
    const thread = this.#thread
    if (thread === undefined) throw new Error('The writer has no thread to dispatch to')
    const planned = mailbox.takeBatch()
    if (planned === undefined) return false
    const id = ++this.#lastId
    this.#underWay = { ...planned, id, postedAtMs: clock.now() }
    this.#ledger?.began(planned.writes, this.#underWay.postedAtMs)
    control.askToYield(false)
    this.#runaways.watch(planned)
    this.#hold.set(true)
    thread.post({ type: 'batch', batch: batchOf(id, planned) })
    control.announce(id)
    return true
  }

  /** Settles what was answered and puts the rest back. */
  #onAnswers(answers: BatchAnswers): WriterThreadEvent | undefined {
    const { mailbox, counters, clock } = this.#parts
    const batch = this.#takeUnderWay(answers.id)
    const nowMs = clock.now()
    const cutOff = this.#runaways.end()
    countBatch(batch.writes, answers, counters, nowMs)
    this.hasCommitted ||= answers.commits > 0
    if (answers.contended !== undefined) {
      this.#hold.set(false)
      this.#contended = true
      backWithoutLock(batch, errorFromWire(answers.contended), this.#parts)
      return { type: 'batch.contended' }
    }
    mailbox.restraint.hadTurn(batch.lane, nowMs - batch.postedAtMs)
    const failed = settleBatch(batch.writes, answers, mailbox.lanes[batch.lane].counts, cutOff)
    if (answers.commits > 0) this.#parts.onCommitted?.(answers.touched)
    putBackRest(batch, answers.answered, mailbox)
    if (answers.halted !== undefined) {
      this.#hold.set(false)
      return { type: 'batch.halted', error: errorFromWire(answers.halted) }
    }
    this.#flow({ type: 'batch.done', answered: answers.answered, failed })
    if (!this.#contended) return undefined
    // The flow may go on for long without a word, and the machine would show the wait all the while.
    this.#contended = false
    return { type: 'lock.had' }
  }

  /**
   * Goes straight on to the next batch while there is work, and tells the machine only when there is none: two transitions a
   * batch would cost a lone writer a tenth of its time.
   */
  #flow(done: WriterThreadEvent): void {
    this.#flowing = true
    afterTheirTurn(() => {
      if (!this.#flowing) return
      this.#flowing = false
      if (this.hasWork && !this.#leaving) this.dispatch()
      else {
        this.#hold.set(false)
        this.#send?.(done)
      }
    })
  }

  /** A new thread is ready and says what the file last recorded: the batch that was under way gets its true outcome. */
  #recover(record: CommitRecord): void {
    const batch = this.#underWay
    const running = this.#parts.control.runningItem
    this.#parts.control.reset()
    failLostRows(this.#parts.mailbox, this.bulks)
    if (batch === undefined) return
    this.#underWay = undefined
    const { counts } = this.#parts.mailbox.lanes[batch.lane]
    const again = recoverBatch({ batch, record, running, bulks: this.bulks, counts })
    this.#ledger?.lostBatch(again)
    this.suspension.putBack(again)
  }

  /** Nobody can look whether the batch of a dead thread is stored, and nobody knows when somebody can. */
  giveUpBatch(reason: LockkeeperError): void {
    const batch = this.#underWay
    this.#underWay = undefined
    if (batch !== undefined) this.#unwritten.giveUp(batch, reason)
    this.#ledger?.lostBatch([])
  }

  /** No thread will come any more: what was under way can't be told, what waits is not stored. */
  abandon(reason: LockkeeperError): void {
    this.backups.abandon(reason)
    this.#parts.mailbox.refuse((write) => refusedFor(reason, write))
    this.giveUpBatch(reason)
    this.#unwritten.failAll((write) => refusedFor(reason, write))
  }

  leave(): void {
    this.#leaving = true
    this.#parts.control.askToLeave()
    this.#hold.set(true)
    this.#thread?.post({ type: 'leave' })
  }

  terminate(): void {
    this.#thread?.terminate({ isBusy: this.isBusy })
    this.#runaways.abandon()
    this.#hold.set(false)
  }

  #takeUnderWay(id: number): BatchUnderWay {
    const batch = this.#underWay
    if (batch?.id !== id) throw new Error(`The writer answered batch ${id}, which is not under way`)
    this.#underWay = undefined
    return batch
  }
}
