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
import type { FromWriterThread, WriterThreadData } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import { type BatchAnswers, encodeBatch, keysOf } from './batch.ts'
import { BulkDesk } from './bulk-desk.ts'
import type { FileClaim } from './claim.ts'
import type { CommitRecord } from './commit-record.ts'
import type { WriterDeskParts } from './desk-parts.ts'
import { backWithoutLock } from './give-up.ts'
import { LogDesk } from './log-desk.ts'
import { abandonWrites, failLostRows, recoverBatch } from './recover.ts'
import { settleBatch } from './settle.ts'
import type { WriterThreadEvent } from './thread-event.ts'

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
  readonly #runaways: RunawayWrites
  /** What the thread said of itself when it was ready. */
  procedures: ProcedureKinds = new Map()
  sqlite = ''
  signals: SignalsState = without('the writer has not started yet')
  unfinishedJobs: readonly JobState[] = []
  /** Whether the thread has committed something. Asked once it has died, so it stands until another is to be started. */
  hasCommitted = false
  /** Writes given up when the writer ended, by lane. */
  readonly notWritten: Record<LaneName, number> = { user: 0, sync: 0, background: 0 }
  #claim: FileClaim | undefined
  #nudged = false
  /** Between two batches of one stretch of work. */
  #flowing = false
  /** The last batch could not have the lock. */
  #contended = false
  #leaving = false
  #held = false
  #send: ((event: WriterThreadEvent) => void) | undefined
  #thread: Thread<'writer'> | undefined
  #underWay: BatchUnderWay | undefined
  #lastId = 0

  constructor(parts: WriterDeskParts) {
    this.#parts = parts
    this.backups = new BackupDesk(parts.threadData.connection)
    this.#runaways = new RunawayWrites(parts)
  }

  toJSON(): object {
    return { queued: this.#parts.mailbox, underWay: this.#underWay?.writes.length ?? 0 }
  }

  get hasWork(): boolean {
    return this.#parts.mailbox.hasWork
  }

  /** Whether nobody waits any more. */
  get isDrained(): boolean {
    return this.#parts.mailbox.isEmpty
  }

  get isBusy(): boolean {
    return this.#underWay !== undefined
  }

  data(): WriterThreadData {
    this.hasCommitted = false
    this.#claim?.assertSame()
    this.#claim = this.#parts.claim()
    return { ...this.#parts.threadData, control: this.#parts.control.buffer }
  }

  connect(thread: Thread<'writer'> | undefined): void {
    this.#thread = thread
    this.#flowing = false
    this.#contended = false
    this.#runaways.end()
    this.#runaways.connection = undefined
    // A thread starts held: somebody waits for it to be ready.
    this.#held = true
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
        this.#hold(false)
        return { type: 'thread.ready', sqlite: message.sqlite }
      case 'answers':
        this.log.listener?.onBatch(message.answers.commits, message.log)
        return this.#onAnswers(message.answers)
      case 'log-finished':
        this.log.onFinished(message.result)
        return undefined
      case 'backup':
        this.backups.onNotice(message.id, message.notice)
        return undefined
      case 'profile':
        this.#parts.counters.statements.add('writer', message.statements)
        this.#parts.counters.lockWaits = message.lockWaits
        return undefined
      case 'changed-outside':
        this.#parts.counters.outside.add(message.change)
        this.#parts.onChangedOutside?.(message.change)
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
    const { mailbox, control } = this.#parts
    const thread = this.#thread
    if (thread === undefined) throw new Error('The writer has no thread to dispatch to')
    const planned = mailbox.takeBatch()
    if (planned === undefined) return false
    const id = ++this.#lastId
    this.#underWay = { ...planned, id, postedAtMs: this.#parts.clock.now() }
    control.askToYield(false)
    this.#runaways.watch(planned)
    this.#hold(true)
    const works = planned.writes.map((write) => write.work)
    const durability = planned.writes.some((write) => write.durability === 'power') ? 'power' : 'process'
    thread.post({
      type: 'batch',
      batch: encodeBatch({ id, sliceMs: planned.sliceMs, durability, keys: keysOf(planned.writes) }, works),
    })
    control.announce(id)
    return true
  }

  /** Settles what was answered and puts the rest back. */
  #onAnswers(answers: BatchAnswers): WriterThreadEvent | undefined {
    const { mailbox, counters } = this.#parts
    const batch = this.#takeUnderWay(answers.id)
    const cutOff = this.#runaways.end()
    mailbox.restraint.hadTurn(batch.lane, this.#parts.clock.now() - batch.postedAtMs)
    counters.countBusy(answers.busy)
    counters.batches += answers.commits
    this.hasCommitted ||= answers.commits > 0
    if (answers.contended !== undefined) {
      this.#hold(false)
      this.#contended = true
      backWithoutLock(batch, errorFromWire(answers.contended), this.#parts)
      return { type: 'batch.contended' }
    }
    for (const [item, ms] of answers.overstays) {
      counters.overstays.add(batch.writes[item]?.label, ms)
    }
    const failed = settleBatch(batch.writes, answers, cutOff)
    const counts = mailbox.lanes[batch.lane].counts
    counts.failed += failed
    counts.committed += answers.answered - failed
    if (answers.commits > 0) this.#parts.onCommitted?.(answers.touched)
    const rest = batch.writes.slice(answers.answered)
    // The lock was had: whoever has to wait for it again has not waited yet.
    for (const write of rest) write.refusedLockSinceMs = undefined
    mailbox.putBack(rest)
    mailbox.lanes[batch.lane].pace.learn(batch.writes.length, answers.answered)
    this.#flow({ type: 'batch.done', answered: answers.answered, failed })
    if (!this.#contended) return undefined
    // The flow may go on for long without a word, and the machine would show the wait all the while.
    this.#contended = false
    return { type: 'lock.had' }
  }

  /**
   * Goes straight on to the next batch while there is work, and tells the machine only when there is none: two transitions a
   * batch would cost a lone writer a tenth of its time. First those who got their answers have their turn, since most of them
   * write again: the microtask comes after theirs, and the tick after all that they set off.
   */
  #flow(done: WriterThreadEvent): void {
    this.#flowing = true
    queueMicrotask(() =>
      process.nextTick(() => {
        if (!this.#flowing) return
        this.#flowing = false
        if (this.hasWork && !this.#leaving) this.dispatch()
        else {
          this.#hold(false)
          this.#send?.(done)
        }
      }),
    )
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
    this.#parts.mailbox.putBack(again)
  }

  /** No thread will come any more: what was under way can't be told, what waits is not stored. */
  abandon(reason: LockkeeperError): void {
    this.backups.abandon(reason)
    abandonWrites(reason, this.#parts.mailbox, this.#underWay, this.notWritten)
    this.#underWay = undefined
  }

  leave(): void {
    this.#leaving = true
    this.#parts.control.askToLeave()
    this.#hold(true)
    this.#thread?.post({ type: 'leave' })
  }

  terminate(): void {
    this.#thread?.terminate({ isBusy: this.isBusy })
    this.#runaways.abandon()
    this.#hold(false)
  }

  /** While work is pending the thread keeps the process alive, and only then. */
  #hold(wanted: boolean): void {
    if (wanted === this.#held) return
    this.#held = wanted
    if (wanted) this.#thread?.hold()
    else this.#thread?.release()
  }

  #takeUnderWay(id: number): BatchUnderWay {
    const batch = this.#underWay
    if (batch?.id !== id) throw new Error(`The writer answered batch ${id}, which is not under way`)
    this.#underWay = undefined
    return batch
  }
}
