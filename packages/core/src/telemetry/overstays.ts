import { labelsMax } from '../limits.ts'

/** Who held the write lock longer than its slice, and for how long, by label; bounded, the rest is `other`. */
export class Overstays {
  readonly #byLabel = new Map<string, { count: number; longestMs: number }>()

  add(label: string | undefined, ms: number): void {
    const name = label ?? 'unlabelled'
    const known = this.#byLabel.has(name) || this.#byLabel.size < labelsMax ? name : 'other'
    const { count, longestMs } = this.#byLabel.get(known) ?? { count: 0, longestMs: 0 }
    this.#byLabel.set(known, { count: count + 1, longestMs: Math.max(longestMs, ms) })
  }

  toJSON(): Record<string, { count: number; longestMs: number }> {
    return Object.fromEntries(this.#byLabel)
  }
}
