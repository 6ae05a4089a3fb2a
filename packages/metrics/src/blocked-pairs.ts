import type { BlockedReport } from '@lockkeeper/core'
import { blockedPairsMax } from './limits.ts'

/**
 * Keeps the number of pairs bounded from one scrape to the next: a pair that has been shown stays, so that no counter ever falls, and
 * what finds no room is summed up under `other`.
 */
export class BlockedPairs {
  readonly #shown = new Set<string>()
  readonly #most: number

  constructor(most = blockedPairsMax) {
    this.#most = most
  }

  bound(blocked: readonly BlockedReport[]): BlockedReport[] {
    const own: BlockedReport[] = []
    let otherMs = 0
    for (const pair of blocked) {
      const key = JSON.stringify([pair.waiter, pair.holder])
      if (this.#shown.size < this.#most) this.#shown.add(key)
      if (this.#shown.has(key)) own.push(pair)
      else otherMs += pair.waitedMs
    }
    return otherMs > 0 ? [...own, { waiter: 'other', holder: 'other', waitedMs: otherMs }] : own
  }
}
