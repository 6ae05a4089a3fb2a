/**
 * Which blobs are being fetched, from any peer, so that none is fetched from two at once: in the workload nine of ten blob
 * writes stored what was there already.
 */
export class Claims {
  readonly #taken = new Set<string>()
  readonly #waiting = new Set<() => void>()

  /** Takes those that nobody else has. The caller must {@link release} them. */
  take(cids: readonly string[]): string[] {
    const free = cids.filter((cid) => !this.#taken.has(cid))
    for (const cid of free) this.#taken.add(cid)
    return free
  }

  release(cids: readonly string[]): void {
    for (const cid of cids) this.#taken.delete(cid)
    for (const wake of [...this.#waiting]) wake()
  }

  /**
   * Waits until some of these are free, which may be at once. Whoever waits must hold nothing: two that hold and wait could
   * wait for each other.
   * @throws the signal's reason.
   */
  async someFree(cids: readonly string[], signal: AbortSignal): Promise<void> {
    while (cids.every((cid) => this.#taken.has(cid))) {
      await this.#nextRelease(signal)
      signal.throwIfAborted()
    }
  }

  #nextRelease(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }
}
