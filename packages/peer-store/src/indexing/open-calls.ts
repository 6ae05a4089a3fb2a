/** Calls under way: closing lets them end first, as long as it has time. */
export class OpenCalls {
  readonly #open = new Set<Promise<unknown>>()

  async track<Result>(call: Promise<Result>): Promise<Result> {
    this.#open.add(call)
    try {
      return await call
    } finally {
      this.#open.delete(call)
    }
  }

  /** Resolves when those under way now have ended, or so many milliseconds have gone by. */
  async ended(msMax: number): Promise<void> {
    const { promise: tooLate, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, msMax)
    await Promise.race([Promise.allSettled(this.#open), tooLate])
    clearTimeout(timer)
  }
}
