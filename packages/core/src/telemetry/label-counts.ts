import { labelsMax } from '../limits.ts'

/** Counts by label and cause, bounded: past so many labels the rest is `other`. */
export class LabelCounts {
  readonly #counts = new Map<string, Map<string, number>>()

  add(label: string | undefined, cause: string, by = 1): void {
    const name = label ?? 'unlabelled'
    const known = this.#counts.has(name) || this.#counts.size < labelsMax ? name : 'other'
    const causes = this.#counts.get(known) ?? new Map<string, number>()
    this.#counts.set(known, causes)
    causes.set(cause, (causes.get(cause) ?? 0) + by)
  }

  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([label, causes]) => [label, Object.fromEntries(causes)]))
  }
}
