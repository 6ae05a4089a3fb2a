import { LabelCounts } from './label-counts.ts'
import { OutsideCounts } from './outside-counts.ts'
import { Overstays } from './overstays.ts'
import type { LockWaitsReport } from './report.ts'
import { StatementProfiles } from './statement-profiles.ts'

/** What is counted beside the lanes' own counts. */
export class Counters {
  batches = 0
  /** Best-effort writes that came to nothing, by label and cause. */
  readonly drops = new LabelCounts()
  writeFailuresUnheard = 0
  readonly reads = { answered: 0, failed: 0 }
  /** Readers replaced, by the label of what they were at and why. */
  readonly readersRetired = new LabelCounts()
  readonly streams = { reclaimed: 0 }
  /** Indivisible writes that held the lock longer than their lane's slice, by label. */
  readonly overstays = new Overstays()
  /** What statements came to, as the threads handed it over. */
  readonly statements = new StatementProfiles()
  /** Of the writer's connection; undefined until its thread has told. */
  lockWaits: LockWaitsReport | undefined
  readonly restarts = { writer: 0, readers: 0 }
  /** Commits of other processes, as they were noticed. */
  readonly outside = new OutsideCounts()
  readonly #busy: Record<string, number> = {}

  get busy(): Readonly<Record<string, number>> {
    return { ...this.#busy }
  }

  countBusy(met: Readonly<Record<string, number>>): void {
    for (const code of Object.keys(met)) this.#busy[code] = (this.#busy[code] ?? 0) + (met[code] ?? 0)
  }
}
