import type { Machine } from '../machine/machine.ts'
import { mediansOf, type Row } from '../statistics/rows.ts'
import type { Suite } from '../suites/suite.ts'

/** What `--json` writes. */
export interface Outcome {
  readonly suite: string
  readonly machine: Machine
  readonly rows: readonly Row[]
  /** By name; those are missing for which no trial gave figures. */
  readonly ratios: Readonly<Record<string, number>>
}

export function outcomeOf(suite: Suite, machine: Machine, rows: readonly Row[]): Outcome {
  const medians = mediansOf(rows)
  const ratios = suite.ratios
    .map(({ name, of }) => [name, of(medians)] as const)
    .filter(([, ratio]) => Number.isFinite(ratio))
  return { suite: suite.name, machine, rows, ratios: Object.fromEntries(ratios) }
}
