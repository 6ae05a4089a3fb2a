import type { Clock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { gapFinishWaitMs, settleAgainMs, settlePassesMax, walFinishWaitMs, walTickMs } from '../limits.ts'
import type { WalReport } from '../telemetry/report.ts'
import type { CheckpointerThreadData, FromCheckpointerThread } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import type { FileClaim } from '../writer/claim.ts'
import type { LogDesk } from '../writer/log-desk.ts'
import type { CheckpointRun, LogSize } from './checkpoint.ts'
import { Gap } from './gap.ts'
import { LogState } from './log-state.ts'
import { type Decision, decide, type WalView } from './policy.ts'
import { Pressure, type PressureLevel, type PressureParts } from './pressure.ts'

/** What the desk tells the governor's machine. */
export type GovernorEvent =
  | { readonly type: 'thread.ready' }
  | { readonly type: 'thread.refused'; readonly error: LockkeeperError }
  /** What is to be done, and what has been. */
  | { readonly type: 'copy' | 'finish' | 'gap' | 'copied' | 'finished' | 'gap.ready' | 'gap.over' }
  | { readonly type: 'pressure'; readonly level: PressureLevel }

export interface GovernorParts extends PressureParts {
  readonly clock: Clock
  /** One whose timers keep the process alive. */
  readonly gapClock: Clock
  readonly log: LogDesk
  readonly claim: FileClaim
  readonly threadData: Omit<CheckpointerThreadData, 'opened'>
  readonly isWriterIdle: () => boolean
  /** A checkpoint has ended, beside the writer or by it. */
  readonly onCheckpoint?: ((by: 'checkpointer' | 'writer', run: CheckpointRun) => void) | undefined
}

/**
 * The app thread's side of the governor: sees how long the log is, asks the policy, and acts. The machine says what it is at;
 * looks, sizes and timers stay here.
 */
export class GovernorDesk implements ThreadOwner<'checkpointer'> {
  readonly #parts: GovernorParts
  readonly #state: LogState
  readonly #gap: Gap
  readonly #pressure: Pressure
  #thread: Thread<'checkpointer'> | undefined
  #isCopying = false
  /** The machine waits to be told what to do. */
  #isWatching = false
  #isStopped = false
  #decision: Decision = { act: 'rest' }
  /** Copying before the writer finishes: since when, and how often. */
  #settlesSinceMs = 0
  #passes = 0
  #timer: unknown
  #send: (event: GovernorEvent) => void = () => {}

  constructor(parts: GovernorParts) {
    this.#parts = parts
    this.#state = new LogState(parts.clock, parts.bounds)
    this.#gap = new Gap(parts.gapClock, parts.leases)
    this.#pressure = new Pressure(parts)
    parts.log.listener = { onBatch: (commits, size) => this.#onBatch(commits, size) }
  }

  toJSON(): object {
    return { ...this.#state.size, pressure: this.#pressure.level }
  }

  get isBusy(): boolean {
    return this.#isCopying
  }

  report(state: string): WalReport {
    const oldest = this.#parts.leases.oldest()
    return {
      state,
      pressure: this.#pressure.level,
      ...this.#state.report(),
      pinsEnded: this.#pressure.pinsEnded,
      restraint: this.#pressure.share,
      oldestLease: oldest && { reader: oldest.reader, label: oldest.label, ageMs: oldest.ageMs },
    }
  }

  /** Hands in the way to the machine. */
  listen(send: (event: GovernorEvent) => void): void {
    this.#send = send
  }

  data(): CheckpointerThreadData {
    this.#parts.claim.retain()
    return { ...this.#parts.threadData, opened: this.#parts.claim.opened }
  }

  connect(thread: Thread<'checkpointer'> | undefined): void {
    this.#thread = thread
    if (thread !== undefined) return
    this.#parts.claim.release()
    if (this.#isCopying) this.#onCopied(undefined)
  }

  onMessage(message: FromCheckpointerThread): GovernorEvent | undefined {
    switch (message.type) {
      case 'ready':
        // The log never keeps the process alive: what is not copied now is copied at the next opening.
        this.#thread?.release()
        return { type: 'thread.ready' }
      case 'refused':
        return { type: 'thread.refused', error: errorFromWire(message.error) }
      case 'copied':
        this.#onCopied(message.result)
        return undefined
    }
  }

  /** The machine has nothing under way: what next? */
  watch(): void {
    this.#isWatching = true
    this.#look()
  }

  copy(): void {
    this.#isWatching = false
    // One that nobody waited for any more may still be under way: it will do.
    if (this.#isCopying) return
    if (this.#thread !== undefined) {
      // One that is only starting comes to it when it is ready: the writer would stop for all that a killed process has left.
      this.#isCopying = true
      this.#state.onCopying()
      this.#thread.post({ type: 'copy' })
    } else this.#onCopied(undefined)
  }

  /**
   * Before the writer finishes: lower lanes pause, and the thread copies what is there, its fsync included. What users write
   * meanwhile is little, so that it is little that the writer has to copy itself while they wait.
   */
  settle(): void {
    this.#isWatching = false
    this.#parts.restraint.hold()
    if (this.#passes++ === 0) this.#settlesSinceMs = this.#parts.clock.now()
    if (this.#thread !== undefined) this.copy()
    else this.#send({ type: 'copied' })
  }

  /** The last pass took so long that users have written more than a little meanwhile. */
  get mustSettleAgain(): boolean {
    return (
      this.#thread !== undefined && this.#state.lastCopyMs > settleAgainMs && this.#passes < settlePassesMax
    )
  }

  /** Readers that were there before keep the rest from being copied: the writer could not go on either. */
  get isHeldUp(): boolean {
    const oldest = this.#parts.leases.oldest()
    const sinceMs = this.#parts.clock.now() - this.#settlesSinceMs
    return this.#state.isTailLong && oldest !== undefined && oldest.ageMs > sinceMs
  }

  finish(): void {
    const { act } = this.#decision
    const truncate = this.#decision.act === 'finish' && this.#decision.truncate
    // In a gap nobody new comes, so that those who read are worth waiting for.
    const waitMs = act === 'gap' ? gapFinishWaitMs : walFinishWaitMs
    this.#parts.log.finish({ truncate, waitMs }, (result) => this.#onFinished(result))
  }

  letLanesGo(): void {
    this.#passes = 0
    this.#parts.restraint.letGo()
  }

  openGap(): void {
    this.#isWatching = false
    this.#gap.open((isQuiet) => this.#send({ type: isQuiet ? 'gap.ready' : 'gap.over' }))
    this.#press()
  }

  closeGap(): void {
    if (this.#gap.close()) this.#state.gaps++
  }

  /** It came to nothing: readers went on for too long. */
  heldUp(): void {
    this.#state.onHeldUp(this.#parts.leases.oldest())
  }

  leave(): void {
    this.stop()
    this.#thread?.hold()
    this.#thread?.post({ type: 'leave' })
  }

  terminate(): void {
    this.#thread?.terminate({ isBusy: this.#isCopying })
  }

  /** Nobody governs any more: nothing may be held up. */
  stop(): void {
    this.#isStopped = true
    this.#isWatching = false
    this.#parts.clock.clearTimeout(this.#timer)
    this.closeGap()
    this.letLanesGo()
    this.#parts.log.listener = undefined
    this.#parts.restraint.lift()
  }

  #onBatch(commits: number, size: LogSize | undefined): void {
    this.#state.onBatch(commits, size)
    if (size === undefined) this.#lookLater()
    else this.#look()
  }

  #onCopied(result: CheckpointRun | undefined): void {
    this.#isCopying = false
    this.#state.onCopied(result)
    if (result !== undefined) this.#parts.onCheckpoint?.('checkpointer', result)
    if (this.#isWatching) this.#look()
    else this.#send({ type: 'copied' })
  }

  #onFinished(result: CheckpointRun | undefined): void {
    const oldest = this.#parts.leases.oldest()
    this.#state.onFinished(result, oldest, this.#gap.isOpen && oldest === undefined)
    if (result !== undefined) this.#parts.onCheckpoint?.('writer', result)
    this.#press()
    this.#send({ type: 'finished' })
  }

  #look(): void {
    if (this.#isStopped) return
    this.#state.noteOldest(this.#parts.leases.oldest())
    this.#press()
    this.#decide()
    if (this.#decision.act === 'end-pin' && this.#pressure.endPin(this.#view())) {
      this.#state.retryNow()
      this.#decide()
    }
    const { act } = this.#decision
    // A copy for which readers could not be made to wait longer may still be under way: nothing can be done before it is over.
    const isFree = this.#isWatching && !this.#isCopying
    if (isFree && (act === 'copy' || act === 'finish' || act === 'gap')) this.#send({ type: act })
    else this.#lookLater()
  }

  /** While something is under way, what it was decided for stands. */
  #decide(): void {
    const decision = decide(this.#view(), this.#parts.bounds)
    if (this.#isWatching || decision.act === 'end-pin') this.#decision = decision
  }

  /** As long as there is anything to be done, now or in a while. */
  #lookLater(): void {
    if (this.#isStopped || this.#timer !== undefined || !this.#state.wantsLooks) return
    this.#timer = this.#parts.clock.setTimeout(() => {
      this.#timer = undefined
      this.#look()
    }, walTickMs)
  }

  #view(): WalView {
    const { leases, isWriterIdle } = this.#parts
    return {
      ...this.#state.view(isWriterIdle()),
      oldestLease: leases.oldest(),
      hasThread: this.#thread !== undefined,
    }
  }

  #press(): void {
    if (this.#isStopped) return
    const hasChanged = this.#pressure.apply(this.#view(), this.#gap.isOpen)
    if (hasChanged) this.#send({ type: 'pressure', level: this.#pressure.level })
  }
}
