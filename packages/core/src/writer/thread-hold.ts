import type { Thread } from '../threads/start.ts'

/** While work is pending the thread keeps the process alive, and only then. */
export class ThreadHold {
  #thread: Thread<'writer'> | undefined
  #isHeld = false

  /** A thread starts held: somebody waits for it to be ready. */
  connect(thread: Thread<'writer'> | undefined): void {
    this.#thread = thread
    this.#isHeld = true
  }

  set(wanted: boolean): void {
    if (wanted === this.#isHeld) return
    this.#isHeld = wanted
    if (wanted) this.#thread?.hold()
    else this.#thread?.release()
  }
}
