import type { Clock } from '../clock.ts'
import type { SignalsState } from '../engine/signals.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { CutOff } from '../interrupts/cut-off.ts'
import type { Interrupter } from '../interrupts/interrupter.ts'
import { WorkGate, workMax } from '../interrupts/work-gate.ts'
import type { FromReaderThread, ReaderThreadData } from '../threads/messages.ts'
import type { ThreadProfile } from '../threads/profile-reporter.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import type { FileClaim } from '../writer/claim.ts'
import type { GoodAnswer, PendingRead } from './pending-read.ts'

/** What a seat tells its reader's machine: only the edges of being busy, not each read. */
export type ReaderThreadEvent =
  | { readonly type: 'thread.ready' }
  | { readonly type: 'thread.refused'; readonly error: LockkeeperError }
  | { readonly type: 'leased' }
  | { readonly type: 'returned' }

/** What a seat needs of its desk. */
export interface SeatDesk {
  /** The next read for a seat that has become free. */
  next(): PendingRead | undefined
  answer(read: PendingRead, answer: GoodAnswer): void
  fail(read: PendingRead, error: LockkeeperError): void
  /** Its reader's thread has died. */
  runAgain(read: PendingRead, cause: LockkeeperError): void
  countBusy(met: Readonly<Record<string, number>>): void
  /** Its thread is ready, and says what the signals extension does for it. */
  onSignals(state: SignalsState): void
  onProfile(profile: ThreadProfile): void
}

export interface SeatOptions {
  readonly threadData: Omit<ReaderThreadData, 'gate'>
  readonly claim: FileClaim
  readonly clock: Clock
  /** Cuts running statements off. Without one they run to their end, whoever has given them up. */
  readonly interrupter?: Interrupter | undefined
}

/** One reader's place: its thread, and the read it runs. */
export class ReaderSeat implements ThreadOwner<'reader'> {
  readonly #desk: SeatDesk
  readonly #options: SeatOptions
  #gate = new WorkGate()
  #thread: Thread<'reader'> | undefined
  /** The id by which its connection can be interrupted, where it can. */
  #connection: number | undefined
  #ready = false
  #leaving = false
  #read: PendingRead | undefined
  #readId = 0
  #cutOff: CutOff | undefined
  #send: ((event: ReaderThreadEvent) => void) | undefined

  constructor(desk: SeatDesk, options: SeatOptions) {
    this.#desk = desk
    this.#options = options
  }

  get isFree(): boolean {
    return this.#ready && !this.#leaving && this.#read === undefined
  }

  get isBusy(): boolean {
    return this.#read !== undefined
  }

  runs(read: PendingRead): boolean {
    return this.#read === read
  }

  toJSON(): object {
    return { busy: this.isBusy }
  }

  data(): ReaderThreadData {
    this.#options.claim.retain()
    // One for each thread: what a dead one was doing still stands in its own.
    this.#gate = new WorkGate()
    return { ...this.#options.threadData, gate: this.#gate.buffer }
  }

  connect(thread: Thread<'reader'> | undefined): void {
    this.#thread = thread
    this.#ready = false
    this.#connection = undefined
    this.#endCutOff()
    if (thread === undefined) this.#options.claim.release()
  }

  onSend(send: ((event: ReaderThreadEvent) => void) | undefined): void {
    this.#send = send
  }

  /** Its thread has died: the read it ran is run again elsewhere. */
  onLost(cause: LockkeeperError): void {
    const read = this.#read
    this.#read = undefined
    if (read !== undefined && !read.settled) this.#desk.runAgain(read, cause)
  }

  onMessage(message: FromReaderThread): ReaderThreadEvent | undefined {
    switch (message.type) {
      case 'refused':
        return { type: 'thread.refused', error: errorFromWire(message.error) }
      case 'ready':
        this.#ready = true
        this.#connection = message.signals.target?.connection
        this.#desk.onSignals(message.signals)
        this.#thread?.release()
        this.#takeNext()
        return { type: 'thread.ready' }
      case 'profile':
        this.#desk.onProfile(message)
        return undefined
      case 'answer':
        this.#settle(message)
        if (this.#takeNext()) return undefined
        this.#thread?.release()
        return { type: 'returned' }
    }
  }

  take(read: PendingRead): void {
    this.#thread?.hold()
    this.#post(read)
    this.#send?.({ type: 'leased' })
  }

  /**
   * The read that it runs has been given up. The thread sees that between two statements; where it can be interrupted, the
   * one that runs is cut off too. The seat is free again once the thread has answered.
   */
  giveUp(): void {
    const { interrupter, clock } = this.#options
    const [gate, work, connection] = [this.#gate, this.#readId, this.#connection]
    gate.cancel(work)
    if (interrupter === undefined || connection === undefined) return
    this.#cutOff = new CutOff({ gate, work, connection, interrupter, clock })
  }

  leave(): void {
    this.#leaving = true
    this.#thread?.hold()
    this.#thread?.post({ type: 'leave' })
  }

  terminate(): void {
    this.#thread?.terminate({ isBusy: this.isBusy })
    // It ends when its statement does.
    if (this.#connection !== undefined) this.#options.interrupter?.interrupt(this.#connection)
    this.#thread?.release()
  }

  #takeNext(): boolean {
    if (this.#leaving) return false
    const read = this.#desk.next()
    if (read === undefined) return false
    this.#thread?.hold()
    this.#post(read)
    return true
  }

  #post(read: PendingRead): void {
    this.#read = read
    this.#readId = (this.#readId % workMax) + 1
    this.#thread?.post({ type: 'read', id: this.#readId, work: read.work })
  }

  #settle({ id, answer, busy }: FromReaderThread & { type: 'answer' }): void {
    const read = this.#read
    if (read === undefined || id !== this.#readId)
      throw new Error('A reader answered a read that it was not given')
    this.#read = undefined
    this.#endCutOff()
    this.#desk.countBusy(busy)
    // Given up meanwhile: its caller has been told, and what it came to is nobody's.
    if (read.settled) return
    if (answer.kind === 'error') this.#desk.fail(read, errorFromWire(answer.error))
    else this.#desk.answer(read, answer)
  }

  #endCutOff(): void {
    this.#cutOff?.answered()
    this.#cutOff = undefined
  }
}
