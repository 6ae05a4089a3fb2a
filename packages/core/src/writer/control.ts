import { WorkGate } from '../interrupts/work-gate.ts'

/**
 * A few words of memory that the app thread and the writer's thread share, for what must be seen between two items of a
 * running batch, when neither thread reads its messages.
 */
const words = { yieldTo: 0, leave: 1, posted: 2 } as const
const gateOffset = Int32Array.BYTES_PER_ELEMENT * Object.keys(words).length

export class WriterControl {
  /** Which item runs now, numbered from 1: so that an interrupt hits no other. */
  readonly gate: WorkGate
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(gateOffset + WorkGate.byteLength)) {
    this.#words = new Int32Array(buffer, 0, Object.keys(words).length)
    this.gate = new WorkGate(buffer, gateOffset)
  }

  /** To be sent to the other thread, which makes its own control of it. */
  get buffer(): SharedArrayBuffer {
    return this.#words.buffer
  }

  /** App thread: somebody more urgent waits (or no longer does). The running batch commits after its current item. */
  askToYield(wanted: boolean): void {
    Atomics.store(this.#words, words.yieldTo, wanted ? 1 : 0)
  }

  get yieldWanted(): boolean {
    return Atomics.load(this.#words, words.yieldTo) === 1
  }

  /** App thread: end the wait for the lock and come back. */
  askToLeave(): void {
    Atomics.store(this.#words, words.leave, 1)
    Atomics.notify(this.#words, words.leave)
    Atomics.notify(this.#words, words.posted)
  }

  get leaveWanted(): boolean {
    return Atomics.load(this.#words, words.leave) === 1
  }

  /** Writer's thread: sleeps, unless told to leave. */
  pause(ms: number): void {
    Atomics.wait(this.#words, words.leave, 0, ms)
  }

  /** App thread: a batch has been posted. Told after it, so that whoever is woken finds the message. */
  announce(batch: number): void {
    Atomics.store(this.#words, words.posted, batch)
    Atomics.notify(this.#words, words.posted)
  }

  /** Whether a batch is on its way, told the one that ran last. */
  isPosted(ran: number): boolean {
    const posted = Atomics.load(this.#words, words.posted)
    // Numbers past 2³¹ wrap in shared memory.
    return posted !== 0 && posted !== (ran | 0)
  }

  /** Writer's thread: sleeps until a batch is posted, unless one has been since the last that ran. */
  awaitBatch(ran: number, ms: number): void {
    const posted = Atomics.load(this.#words, words.posted)
    if (!this.isPosted(ran) && !this.leaveWanted) Atomics.wait(this.#words, words.posted, posted, ms)
  }

  /**
   * Writer's thread: which item runs now, so that only that one is blamed if the thread dies of it, and only that one can be
   * cut off. What is not the item's own (BEGIN, COMMIT, savepoints, looks at the schema) runs while none does.
   */
  setRunningItem(item: number | undefined): void {
    if (item === undefined) this.gate.leave()
    else this.gate.enter(item + 1)
  }

  get runningItem(): number | undefined {
    const { work } = this.gate
    return work === undefined ? undefined : work - 1
  }

  /** App thread: before a new thread starts. */
  reset(): void {
    this.askToYield(false)
    Atomics.store(this.#words, words.leave, 0)
    Atomics.store(this.#words, words.posted, 0)
    this.gate.reset()
  }
}
