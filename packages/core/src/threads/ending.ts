/**
 * When a thread may be ended. Not while it loads SQLite’s binding: a thread that is terminated inside
 * `napi_register_module_v1` aborts the whole process (seen). So whoever wants it ended before that is kept waiting.
 */
export class Ending {
  readonly #end: () => void
  #isLoaded = false
  #isWanted = false

  constructor(end: () => void) {
    this.#end = end
  }

  /** The thread has loaded the binding. */
  loaded(): void {
    this.#isLoaded = true
    if (this.#isWanted) this.#end()
  }

  /** Ends it, now or once it has loaded. */
  want(): void {
    this.#isWanted = true
    if (this.#isLoaded) this.#end()
  }
}
