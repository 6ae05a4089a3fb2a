import { labelsMax, slowReadPauseMs } from '../limits.ts'

/** Which labels' slow reads may be told of: each at most once in a while, so that a storm of them is no storm of events. */
export class ToldLabels {
  /** When each was told last; the longest ago first. */
  readonly #toldAtMs = new Map<string | undefined, number>()

  /** Whether this one is to be told; if so, it has been. Past so many labels at a time the rest share the name `other`. */
  tell(label: string | undefined, nowMs: number): boolean {
    this.#forget(nowMs)
    const isKnown = this.#toldAtMs.has(label) || this.#toldAtMs.size < labelsMax
    const name = isKnown ? label : 'other'
    if (this.#toldAtMs.has(name)) return false
    this.#toldAtMs.set(name, nowMs)
    return true
  }

  #forget(nowMs: number): void {
    for (const [label, atMs] of this.#toldAtMs) {
      if (nowMs - atMs < slowReadPauseMs) return
      this.#toldAtMs.delete(label)
    }
  }
}
