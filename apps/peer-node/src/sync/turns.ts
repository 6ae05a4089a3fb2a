/** Lets so many through at once; the others wait in order. */
export class Turns {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Does the work when its turn has come. @throws what the work throws, or the signal's reason if that comes first. */
  async take<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.#wait(signal)
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free--
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(start), 1)
        reject(signal.reason)
      }
      this.#queue.push(start)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #next(): void {
    const start = this.#queue.shift()
    if (start === undefined) this.#free++
    else start()
  }
}
