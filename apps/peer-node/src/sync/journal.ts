import { randomUUID } from 'node:crypto'
import { syncLimits } from '../limits.ts'
import type { Position } from './protocol.ts'

/** What was stored since a position, and the position after it. */
export interface Changes {
  readonly cids: readonly string[]
  readonly position: Position
}

/** The names of the blobs stored last, in order of arrival: what peers that wait want to hear. Bounded. */
export class Journal {
  readonly #epoch = randomUUID()
  readonly #waiting = new Set<() => void>()
  #cids: string[] = []
  /** How many have been forgotten. */
  #forgotten = 0

  get position(): Position {
    return this.#at(this.#forgotten + this.#cids.length)
  }

  /** Notes blobs that have just been committed. */
  add(cids: readonly string[]): void {
    if (cids.length === 0) return
    this.#cids.push(...cids)
    if (this.#cids.length > 2 * syncLimits.journalItems)
      this.#forget(this.#cids.length - syncLimits.journalItems)
    for (const wake of [...this.#waiting]) wake()
  }

  /** What came after a position; undefined if that is forgotten, or was never here. */
  since({ epoch, index }: Position): Changes | undefined {
    const start = index - this.#forgotten
    if (epoch !== this.#epoch || start < 0 || start > this.#cids.length) return undefined
    const cids = this.#cids.slice(start, start + syncLimits.changesItems)
    return { cids, position: this.#at(index + cids.length) }
  }

  /** Waits until something comes after a position. */
  async waitPast(position: Position, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.since(position)?.cids.length === 0) await this.#nextChange(signal)
  }

  #nextChange(signal: AbortSignal): Promise<void> {
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

  #forget(count: number): void {
    this.#cids = this.#cids.slice(count)
    this.#forgotten += count
  }

  #at(index: number): Position {
    return { epoch: this.#epoch, index }
  }
}
