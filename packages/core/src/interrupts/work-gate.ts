/** Nothing runs. */
const idle = 0
/** The app's thread is inside an interrupt, and the worker stays where it is until that is over. */
const interrupting = -1

/** The largest number that a piece of work may have. Numbers start at 1. */
export const workMax = 0x7fff_ffff

const words = { work: 0, cancelled: 1, limit: 2 } as const

/**
 * Tells the app's thread what a connection's thread works on at this moment, so that an interrupt hits the work it is meant
 * for. SQLite interrupts a connection, whatever runs there by then (https://www.sqlite.org/c3ref/interrupt.html); without the
 * gate, one that comes a microsecond late would end the next caller's statement.
 *
 * ```
 * worker                          app's thread
 * ------                          ------------
 * enter(7)
 * statement runs                  interruptIf(7): 7 → -1
 * statement ends
 * leave(): finds -1, waits        … interrupts the connection
 *                                 -1 → 7, wakes the worker
 * leave(): 7 → 0
 * ```
 *
 * The worker passes through it with one exchange of a word, some 20 ns; only during an interrupt does it wait.
 */
export class WorkGate {
  static readonly byteLength = Int32Array.BYTES_PER_ELEMENT * Object.keys(words).length
  readonly #words: Int32Array<SharedArrayBuffer>
  /** What this side has entered: the worker's own knowledge, which no interrupt hides. */
  #entered: number = idle

  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(WorkGate.byteLength),
    byteOffset: number = 0,
  ) {
    this.#words = new Int32Array(buffer, byteOffset, Object.keys(words).length)
  }

  /** To be sent to the other thread, which makes its own gate of it. */
  get buffer(): SharedArrayBuffer {
    return this.#words.buffer
  }

  /** Worker: this work runs from now on, instead of the one before, if any. */
  enter(work: number): void {
    if (!(work > idle && work <= workMax)) throw new Error(`Work ${work} cannot pass a gate`)
    this.#exchange(work)
  }

  /**
   * Worker: the same for work that may have been taken back meanwhile.
   * @returns whether it runs now; otherwise nothing does.
   */
  tryEnter(work: number): boolean {
    this.enter(work)
    const limit = Atomics.load(this.#words, words.limit)
    if (limit === idle || work < limit) return true
    this.leave()
    return false
  }

  /** Worker: nothing runs any more that an interrupt may hit. */
  leave(): void {
    this.#exchange(idle)
  }

  /** Worker: whether the work it has entered has been given up by its caller. */
  get isCancelled(): boolean {
    return this.#entered !== idle && Atomics.load(this.#words, words.cancelled) === this.#entered
  }

  /** App's thread: what runs now. */
  get work(): number | undefined {
    const work = Atomics.load(this.#words, words.work)
    return work === idle ? undefined : work
  }

  /** App's thread: nobody waits for this work any more. It is seen between two statements, and before the first. */
  cancel(work: number): void {
    Atomics.store(this.#words, words.cancelled, work)
  }

  /**
   * App's thread: fires if just this work runs, and keeps the worker from beginning another one until it has fired.
   * @returns whether it fired.
   */
  interruptIf(work: number, fire: () => void): boolean {
    if (Atomics.compareExchange(this.#words, words.work, work, interrupting) !== work) return false
    try {
      fire()
    } finally {
      Atomics.store(this.#words, words.work, work)
      Atomics.notify(this.#words, words.work)
    }
    return true
  }

  /**
   * App's thread: takes back what was handed over and is not begun, so that somebody else can do it.
   * @returns the first work that will not be begun; undefined if nothing runs now, so that nobody knows.
   */
  takeBack(): number | undefined {
    const { work } = this
    if (work === undefined || work < 0) return undefined
    const held = this.interruptIf(work, () => Atomics.store(this.#words, words.limit, work + 1))
    return held ? work + 1 : undefined
  }

  /**
   * App's thread: nothing that is numbered so or higher is begun from now on. What runs by then goes on; where `work` says
   * that nothing runs, nothing will.
   */
  bar(work: number): void {
    Atomics.store(this.#words, words.limit, work)
  }

  /** App's thread, while no worker uses the gate: as if it were new. */
  reset(): void {
    this.#entered = idle
    Atomics.store(this.#words, words.work, idle)
    this.allow()
  }

  /** App's thread, while nothing runs: what was given up is forgotten, since numbers may come again. */
  allow(): void {
    Atomics.store(this.#words, words.cancelled, idle)
    Atomics.store(this.#words, words.limit, idle)
  }

  #exchange(next: number): void {
    for (;;) {
      const found = Atomics.compareExchange(this.#words, words.work, this.#entered, next)
      if (found === this.#entered) break
      if (found !== interrupting) throw new Error(`A gate holds work ${found}, not ${this.#entered}`)
      Atomics.wait(this.#words, words.work, interrupting)
    }
    this.#entered = next
  }
}
