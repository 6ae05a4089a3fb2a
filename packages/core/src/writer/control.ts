/**
 * A few words of memory that the app thread and the writer's thread share, for what must be seen between two items of a
 * running batch, when neither thread reads its messages.
 */
const words = { yieldTo: 0, runningItem: 1, leave: 2 } as const
const nobody = -1

export class WriterControl {
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * 3)) {
    this.#words = new Int32Array(buffer)
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
  }

  get leaveWanted(): boolean {
    return Atomics.load(this.#words, words.leave) === 1
  }

  /** Writer's thread: sleeps, unless told to leave. */
  pause(ms: number): void {
    Atomics.wait(this.#words, words.leave, 0, ms)
  }

  /** Writer's thread: which item runs now, so that only that one is blamed if the thread dies of it. */
  setRunningItem(item: number | undefined): void {
    Atomics.store(this.#words, words.runningItem, item ?? nobody)
  }

  get runningItem(): number | undefined {
    const item = Atomics.load(this.#words, words.runningItem)
    return item === nobody ? undefined : item
  }

  /** App thread: before a new thread starts. */
  reset(): void {
    this.askToYield(false)
    Atomics.store(this.#words, words.leave, 0)
    this.setRunningItem(undefined)
  }
}
