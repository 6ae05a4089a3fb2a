import type { Database } from '@lockkeeper/core'
import { userWritesPerSecond } from '../../limits.ts'
import type { Latencies } from '../../measure/latencies.ts'
import { inTurn, makeTexts } from '../../subjects/bodies.ts'
import { insertText } from '../../subjects/schema.ts'

/**
 * Users who come when they come, whether or not the writes before theirs have been answered: a slow answer must not thin
 * out the very load that meets it. Each wait counts from the moment its user meant to write, so that an app thread too
 * busy to send the write is not forgiven.
 */
export class UserArrivals {
  readonly #db: Database
  readonly #latencies: Latencies
  readonly #body = inTurn(makeTexts())
  readonly #writes: Promise<void>[] = []
  #nextAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(db: Database, latencies: Latencies) {
    this.#db = db
    this.#latencies = latencies
    this.#schedule()
  }

  /** No more users. @returns how many there were, once all have their answer. */
  async stop(): Promise<number> {
    clearTimeout(this.#timer)
    await Promise.all(this.#writes)
    return this.#writes.length
  }

  #schedule(): void {
    // Gaps of a Poisson process: users know nothing of each other.
    this.#nextAt += (-Math.log(1 - Math.random()) * 1_000) / userWritesPerSecond
    this.#timer = setTimeout(() => this.#arrive(), Math.max(0, Math.floor(this.#nextAt - performance.now())))
  }

  #arrive(): void {
    // Timers know whole milliseconds only: one that comes early starts its wait early.
    const write = this.#write(Math.min(this.#nextAt, performance.now()))
    write.catch(() => undefined) // stop() tells it
    this.#writes.push(write)
    this.#schedule()
  }

  async #write(startedAt: number): Promise<void> {
    await this.#db.write(insertText, [this.#body()])
    this.#latencies.add(performance.now() - startedAt)
  }
}
