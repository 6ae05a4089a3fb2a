import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { WorkGate } from '../interrupts/work-gate.ts'
import type { FromReaderThread, ReaderThreadData } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import type { AnswersMessage } from './answers-message.ts'
import { MessageUnderWay } from './message-under-way.ts'
import { MessageWatch } from './message-watch.ts'
import type { PendingRead } from './pending-read.ts'
import { SeatCutOff } from './seat-cut-off.ts'
import type { ReaderThreadEvent, SeatDesk, SeatOptions } from './seat-desk.ts'
import { SeatThread } from './seat-thread.ts'
import { settleReads } from './settle-reads.ts'
import type { Tenant } from './tenant.ts'
import type { ToReader } from './thread-reader.ts'

/** One reader's place: its thread, and what it does: the reads of a message, or whatever its tenant wants. */
export class ReaderSeat implements ThreadOwner<'reader'> {
  /** Its reader's system id. */
  readonly name: string
  /** Whether its thread was told to end, whatever it does: nothing more is to be had of it. */
  isTerminated = false
  readonly #desk: SeatDesk
  readonly #options: SeatOptions
  readonly yieldsCpu: boolean
  #gate = new WorkGate()
  readonly #thread = new SeatThread()
  /** The id by which its connection can be interrupted, where it can. */
  #connection: number | undefined
  #ready = false
  #leaving = false
  #retired = false
  #stopped = false
  readonly #message = new MessageUnderWay()
  /** When its tenant last sent it anything, or had an answer. */
  #stirredAtMs = 0
  tenant: Tenant | undefined
  readonly #cutOff: SeatCutOff
  /** Deals with reads that are slow, or were given up. */
  readonly watch: MessageWatch

  constructor(name: string, desk: SeatDesk, options: SeatOptions, yieldsCpu = false) {
    this.name = name
    this.#desk = desk
    this.#options = options
    this.yieldsCpu = yieldsCpu
    this.#cutOff = new SeatCutOff(options)
    this.watch = new MessageWatch({
      message: this.#message,
      gate: () => this.#gate,
      tenant: () => this.tenant,
      putBack: (reads) => desk.putBack(reads),
      cutOff: (work) => this.cutOff(work),
    })
  }

  /** Whether its thread takes work, now or once it has done what it is at. */
  get isUp(): boolean {
    return this.#ready && !this.#leaving && !this.#retired
  }

  get isFree(): boolean {
    return this.isUp && !this.isBusy
  }

  get isBusy(): boolean {
    return !this.#message.isOver || this.tenant !== undefined
  }

  /** Whether no thread comes for it any more. */
  get isStopped(): boolean {
    return this.#stopped
  }

  get isLent(): boolean {
    return this.tenant !== undefined
  }

  /** The label of what it does now. */
  get label(): string | undefined {
    return this.tenant?.label ?? this.running()?.label
  }

  /** When the message under way was sent; undefined if there is none. */
  get sentAtMs(): number | undefined {
    return this.#message.isOver ? undefined : this.#message.sentAtMs
  }

  holds(read: PendingRead): boolean {
    return this.#message.reads.includes(read)
  }

  runs(read: PendingRead): boolean {
    return this.running() === read
  }

  runsFor(tenant: Tenant): boolean {
    return this.tenant === tenant && this.#gate.work !== undefined
  }

  toJSON(): object {
    return { busy: this.isBusy, label: this.label }
  }

  data(): ReaderThreadData {
    const { claim, threadData } = this.#options
    claim.retain()
    this.#gate = new WorkGate()
    return { ...threadData, opened: claim.opened, yieldsCpu: this.yieldsCpu, gate: this.#gate.buffer }
  }

  connect(thread: Thread<'reader'> | undefined): void {
    this.#thread.connect(thread)
    this.#ready = false
    this.#connection = undefined
    this.#endCutOff()
    if (thread !== undefined) return
    this.#options.claim.release()
    if (this.#retired) this.#desk.onGone(this)
  }

  onSend(send: ((event: ReaderThreadEvent) => void) | undefined): void {
    this.#thread.send = send
  }

  /** Its thread has died: what it ran is run again elsewhere, what it had not begun as well. */
  onLost(cause: LockkeeperError): void {
    const known = this.running()
    const reads = this.#message.end()
    // Alone in its message it is the one to blame, wherever the thread was.
    const running = known ?? (reads.length === 1 ? reads[0] : undefined)
    const tenant = this.tenant
    this.tenant = undefined
    if (tenant !== undefined) {
      this.#desk.onLeak(this, tenant.label)
      for (const read of reads) if (!read.settled) this.#desk.fail(read, cause)
      tenant.onLost(cause)
      return
    }
    this.#desk.putBack(reads.filter((read) => read !== running && !read.settled))
    if (running !== undefined && !running.settled) this.#desk.runAgain(running, cause)
  }

  /** No thread comes for it any more. */
  onStopped(cause: LockkeeperError): void {
    this.#stopped = true
    // It is so where what a thread said could not be dealt with.
    if (this.isBusy) this.onLost(cause)
    this.#desk.onStopped(cause)
  }

  onMessage(message: FromReaderThread): ReaderThreadEvent | undefined {
    switch (message.type) {
      case 'refused':
        return { type: 'thread.refused', error: errorFromWire(message.error) }
      case 'ready':
        this.#ready = true
        this.#connection = message.signals.target?.connection
        this.#desk.onSignals(message.signals)
        this.#thread.release()
        this.#desk.onFree()
        return { type: 'thread.ready' }
      case 'profile':
        this.#desk.onProfile(message)
        return undefined
      case 'answers':
        this.#settle(message)
        break
      default:
        if (message.type === 'begun') this.#desk.countBusy(message.busy)
        this.#endCutOff()
        this.tenant?.onMessage(message)
    }
    this.#goOn()
    return undefined
  }

  /** Runs reads, in one message. */
  give(reads: PendingRead[]): void {
    this.#gate.allow()
    const message = this.#message.begin(reads, this.#options.clock.now())
    this.#thread.lease()
    this.#thread.post(message)
  }

  /** From now on it serves only this one, until it is returned. */
  lend(tenant: Tenant): void {
    this.tenant = tenant
    tenant.lentAtMs = this.#options.clock.now()
    this.#thread.lease()
    tenant.onLent(this)
  }

  /** For its tenant. */
  post(message: ToReader): void {
    this.#stirredAtMs = this.#options.clock.now()
    this.#thread.post(message)
  }

  /** For its tenant's stream: the number under which it passes the gate. */
  nextWork(): number {
    this.#gate.allow()
    return this.#message.skip()
  }

  /** Its tenant wants reads run, if none run. */
  nudge(): void {
    if (this.#message.isOver) this.#goOn()
  }

  /** Its tenant needs it no longer. */
  returned(): void {
    this.tenant = undefined
    this.#goOn()
  }

  get isRetired(): boolean {
    return this.#retired
  }

  /**
   * The work that runs has been given up. The thread sees that between two statements or rows; where it can be interrupted, the
   * statement that runs is cut off too. The seat is free again once the thread has answered.
   */
  cutOff(work: number): void {
    this.#gate.cancel(work)
    if (this.#cutOff.begin(this.#gate, work, this.#connection)) this.#thread.send?.({ type: 'interrupting' })
  }

  /** Whether it is lent, and neither side has had anything of the other since then. */
  hasStoodStillSince(ms: number): boolean {
    return this.isLent && this.#message.isOver && this.#gate.work === undefined && this.#stirredAtMs <= ms
  }

  /** Whoever has it gives it back, for a reason to be told. */
  evict(reason: LockkeeperError): void {
    this.tenant?.onLost(reason)
  }

  /** Another takes its place: it takes nothing any more, and leaves as soon as it can. */
  retire(): void {
    this.#retired = true
    if (this.tenant === undefined) this.watch.takeBack()
    this.#thread.send?.({ type: 'overdue' })
  }

  leave(): void {
    this.#leaving = true
    this.#thread.leave()
  }

  terminate(): void {
    this.#thread.terminate({ isBusy: this.isBusy })
    // It ends when its statement does.
    this.#cutOff.interruptAnything(this.#connection)
    this.#cutOff.end()
    this.isTerminated = true
    this.#thread.release()
  }

  /** Its desk had nothing for it: the process may end for its sake. */
  rest(): void {
    this.#thread.rest()
  }

  #goOn(): void {
    if (!this.#message.isOver) return
    if (this.tenant !== undefined) this.#stirredAtMs = this.#options.clock.now()
    const reads = this.tenant?.nextReads() ?? []
    if (reads.length > 0) this.give(reads)
    else if (this.#retired && this.tenant === undefined) this.rest()
    else if (this.tenant === undefined) this.#desk.onFree()
  }

  /** Told by the gate; between two reads nobody knows. */
  running(): PendingRead | undefined {
    const work = this.#gate.work
    return work === undefined ? undefined : this.#message.readOf(work)
  }

  #settle(message: AnswersMessage): void {
    if (message.first !== this.#message.first || this.#message.isOver)
      throw new Error('A reader answered reads that it was not given')
    const reads = this.#message.end()
    this.#endCutOff()
    this.#desk.countBusy(message.busy)
    if (message.leaked) {
      // Its thread ends, and takes the connection along; another comes.
      this.#ready = false
      this.#desk.onLeak(this, reads[message.answered - 1]?.label)
    }
    settleReads(reads, message, this.#desk)
    if (message.answered < reads.length) this.watch.handBack(reads.slice(message.answered))
  }

  #endCutOff(): void {
    if (this.#cutOff.end()) this.#thread.send?.({ type: 'leased' })
  }
}
