import type { Latencies } from './latencies.ts'

interface Wait {
  readonly sinceMs: number
}

/**
 * Who waits for an answer, and how long. When a window shuts, those without one count with what they have waited: a subject that
 * answers nobody must not look quick.
 */
export class Waits {
  readonly #latencies: Latencies
  readonly #open = new Set<Wait>()
  #firstFailure: { readonly error: unknown } | undefined
  answered = 0
  /** Those whose answer was an error: they have waited too. */
  failed = 0

  constructor(latencies: Latencies) {
    this.#latencies = latencies
  }

  get open(): number {
    return this.#open.size
  }

  /** @param sinceMs when it was due, by `performance.now()`. */
  follow(sinceMs: number, answer: Promise<unknown>): void {
    const wait = { sinceMs }
    this.#open.add(wait)
    answer.then(
      () => {
        if (this.#end(wait)) this.answered++
      },
      (error: unknown) => {
        if (!this.#end(wait)) return
        this.failed++
        this.#firstFailure ??= { error }
      },
    )
  }

  /** What comes later counts no more. @returns how many had no answer. */
  shut(): number {
    const now = performance.now()
    const unanswered = this.#open.size
    for (const { sinceMs } of this.#open) this.#latencies.add(now - sinceMs)
    this.#open.clear()
    return unanswered
  }

  /** @throws what the first was told that failed. */
  assertNoneFailed(): void {
    if (this.#firstFailure !== undefined) throw this.#firstFailure.error
  }

  /** @returns whether it counts. */
  #end(wait: Wait): boolean {
    if (!this.#open.delete(wait)) return false
    this.#latencies.add(performance.now() - wait.sinceMs)
    return true
  }
}
