import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorFromWire } from '../errors/wire.ts'
import { readsWaitingMax, strikesMax } from '../limits.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { FromReaderThread, ReaderThreadData } from '../threads/messages.ts'
import type { Thread } from '../threads/start.ts'
import type { ThreadOwner } from '../threads/thread-actor.ts'
import type { FileClaim } from '../writer/claim.ts'
import type { PendingRead } from './pending-read.ts'
import { ReadQueue } from './read-queue.ts'

/** What a seat tells its reader's machine: only the edges of being busy, not each read. */
export type ReaderThreadEvent =
  | { readonly type: 'thread.ready' }
  | { readonly type: 'thread.refused'; readonly error: LockkeeperError }
  | { readonly type: 'leased' }
  | { readonly type: 'returned' }

/**
 * The app thread's side of the read pool: a bounded queue, and a seat for each reader. A read goes to a free reader at
 * once, and never waits behind a busy one while another is free (promise 7).
 */
export class ReadDesk {
  readonly seats: readonly ReaderSeat[]
  readonly counters: Counters
  readonly #waiting = new ReadQueue()
  #refusal: LockkeeperError | undefined

  constructor(options: {
    readonly readers: number
    readonly threadData: ReaderThreadData
    readonly counters: Counters
    readonly claim: FileClaim
  }) {
    this.counters = options.counters
    this.seats = Array.from({ length: options.readers }, () => new ReaderSeat(this, options))
  }

  toJSON(): object {
    return { waiting: this.waiting, busy: this.seats.filter((seat) => seat.isBusy).length }
  }

  get waiting(): number {
    return this.#waiting.depth
  }

  submit(read: PendingRead): void {
    const refusal = this.#refusal ?? this.#fullNow()
    if (refusal !== undefined) {
      this.fail(read, refusal)
      return
    }
    const free = this.seats.find((seat) => seat.isFree)
    if (free === undefined) this.#waiting.push(read)
    else free.take(read)
  }

  /** The next read for a seat that has become free. */
  next(): PendingRead | undefined {
    return this.#waiting.shift()
  }

  /** A read whose thread died goes to the front, for another reader; one that keeps killing readers is refused. */
  runAgain(read: PendingRead, cause: LockkeeperError): void {
    if (this.#refusal !== undefined || ++read.strikes >= strikesMax) this.fail(read, this.#refusal ?? cause)
    else {
      const free = this.seats.find((seat) => seat.isFree)
      if (free === undefined) this.#waiting.unshift(read)
      else free.take(read)
    }
  }

  /** No reader will come any more, or the database closes: whoever waits is told why. */
  refuse(reason: LockkeeperError): void {
    this.#refusal = reason
    for (let read = this.#waiting.shift(); read !== undefined; read = this.#waiting.shift())
      this.fail(read, reason)
  }

  fail(read: PendingRead, error: LockkeeperError): void {
    this.counters.reads.failed++
    read.fail(
      new LockkeeperError(error.message, {
        ...error,
        cause: error.cause,
        stage: 'read',
        outcome: undefined,
        label: read.label,
      }),
    )
  }

  #fullNow(): LockkeeperError | undefined {
    if (this.#waiting.depth < readsWaitingMax) return undefined
    return new LockkeeperError(`${readsWaitingMax} reads wait for a reader already: send fewer at a time`, {
      code: 'queue-full',
      stage: 'admission',
      retryable: true,
      retryAfterMs: 50,
    })
  }
}

/** One reader's place: its thread, and the read it runs. */
export class ReaderSeat implements ThreadOwner<'reader'> {
  readonly #desk: ReadDesk
  readonly #threadData: ReaderThreadData
  readonly #claim: FileClaim
  #thread: Thread<'reader'> | undefined
  #ready = false
  #leaving = false
  #read: PendingRead | undefined
  #readId = 0
  #send: ((event: ReaderThreadEvent) => void) | undefined

  constructor(desk: ReadDesk, options: { readonly threadData: ReaderThreadData; readonly claim: FileClaim }) {
    this.#desk = desk
    this.#threadData = options.threadData
    this.#claim = options.claim
  }

  get isFree(): boolean {
    return this.#ready && !this.#leaving && this.#read === undefined
  }

  get isBusy(): boolean {
    return this.#read !== undefined
  }

  toJSON(): object {
    return { busy: this.isBusy }
  }

  data(): ReaderThreadData {
    this.#claim.retain()
    return this.#threadData
  }

  connect(thread: Thread<'reader'> | undefined): void {
    this.#thread = thread
    this.#ready = false
    if (thread === undefined) this.#claim.release()
  }

  onSend(send: ((event: ReaderThreadEvent) => void) | undefined): void {
    this.#send = send
  }

  /** Its thread has died: the read it ran is run again elsewhere. */
  onLost(cause: LockkeeperError): void {
    const read = this.#read
    this.#read = undefined
    if (read !== undefined) this.#desk.runAgain(read, cause)
  }

  onMessage(message: FromReaderThread): ReaderThreadEvent | undefined {
    switch (message.type) {
      case 'refused':
        return { type: 'thread.refused', error: errorFromWire(message.error) }
      case 'ready':
        this.#ready = true
        this.#thread?.release()
        this.#takeNext()
        return { type: 'thread.ready' }
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

  leave(): void {
    this.#leaving = true
    this.#thread?.hold()
    this.#thread?.post({ type: 'leave' })
  }

  terminate(): void {
    this.#thread?.terminate({ isBusy: this.isBusy })
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
    this.#thread?.post({ type: 'read', id: ++this.#readId, work: read.work })
  }

  #settle({ id, answer, busy }: FromReaderThread & { type: 'answer' }): void {
    const read = this.#read
    if (read === undefined || id !== this.#readId)
      throw new Error('A reader answered a read that it was not given')
    this.#read = undefined
    this.#desk.counters.countBusy(busy)
    if (answer.kind === 'error') this.#desk.fail(read, errorFromWire(answer.error))
    else {
      this.#desk.counters.reads.answered++
      read.answer(answer)
    }
  }
}
