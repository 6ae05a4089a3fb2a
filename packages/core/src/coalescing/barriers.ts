import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Waiter } from './entry.ts'

interface Barrier {
  readonly upTo: number
  readonly waiters: Waiter[]
  outstanding: number
  error: LockkeeperError | undefined
}

/**
 * Who waits for all that was there when they came. Each barrier counts down what it waits for, so that values may end in any
 * order: those somebody asks for fly first, and the parts of a failed batch after one another.
 */
export class Barriers {
  /** In the order they came, so `upTo` rises. */
  #barriers: Barrier[] = []

  get areNone(): boolean {
    return this.#barriers.length === 0
  }

  /** @param upTo the newest entry's order. @param outstanding how many entries there are. */
  add(upTo: number, outstanding: number, waiter: Waiter): void {
    const last = this.#barriers.at(-1)
    if (last?.upTo === upTo && last.error === undefined) last.waiters.push(waiter)
    else this.#barriers.push({ upTo, outstanding, waiters: [waiter], error: undefined })
  }

  /** An entry is no more: committed, dropped with an error, or merged into another one that still counts. */
  ended(order: number, error?: LockkeeperError): void {
    for (let index = this.#barriers.length - 1; index >= 0; index--) {
      const barrier = this.#barriers[index] as Barrier
      if (barrier.upTo < order) return
      barrier.outstanding -= 1
      barrier.error ??= error
    }
  }

  /** Tells those for whom all has ended. */
  pass(): void {
    if (this.areNone) return
    const passed = this.#barriers.filter(({ outstanding }) => outstanding === 0)
    this.#barriers = this.#barriers.filter(({ outstanding }) => outstanding > 0)
    for (const { waiters, error } of passed) for (const waiter of waiters) waiter.settled(error)
  }
}
