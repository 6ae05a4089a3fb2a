import type { LaneName } from '../mailbox/lane-name.ts'
import type { PendingRead } from '../readers/pending-read.ts'
import { LabelCounts } from './label-counts.ts'
import type { Ledger } from './ledger.ts'
import { OutsideCounts } from './outside-counts.ts'
import { Overstays } from './overstays.ts'
import type { LockWaitsReport } from './report.ts'
import { StatementProfiles } from './statement-profiles.ts'

/** What is counted beside the lanes' own counts. */
export class Counters {
  /** Who did what to the lock and the readers; undefined where the option `telemetry` turns it off. */
  readonly ledger: Ledger | undefined
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

  constructor(ledger?: Ledger) {
    this.ledger = ledger
  }

  get busy(): Readonly<Record<string, number>> {
    return { ...this.#busy }
  }

  /** Best-effort writes or values that came to nothing. @param cause an error's code. */
  countDropped(label: string | undefined, lane: LaneName, cause: string, count = 1): void {
    this.drops.add(label, cause, count)
    this.ledger?.writes.dropped(label, lane, cause, count)
  }

  countRead(read: PendingRead, how: 'answered' | 'failed'): void {
    if (!read.isOwn) this.reads[how]++
    this.ledger?.reads.ended(read, how)
  }

  countBusy(met: Readonly<Record<string, number>>): void {
    for (const code of Object.keys(met)) this.#busy[code] = (this.#busy[code] ?? 0) + (met[code] ?? 0)
  }
}
