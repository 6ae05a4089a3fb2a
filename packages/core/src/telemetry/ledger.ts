import type { Clock } from '../clock.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { Durations, LedgerReport } from './ledger-report.ts'
import { ReadLedger } from './read-ledger.ts'
import { SlowLog, type SlowLogOptions } from './slow-log.ts'
import { WriteLedger } from './write-ledger.ts'

/** What a report is made with beside the ledger's own. */
export interface LedgerSurroundings {
  readonly planOf: (sql: string) => readonly string[] | undefined
  readonly eventLoop: Durations
}

/** Who did what to the lock and the readers: by label, since open, in bounded memory. */
export class Ledger {
  readonly slow: SlowLog
  readonly writes: WriteLedger
  readonly reads: ReadLedger
  readonly #clock: Pick<Clock, 'now'>
  readonly #sinceMs: number

  /** @param database its file, for those who listen to the channels. */
  constructor(clock: Pick<Clock, 'now'>, options: SlowLogOptions, database = '') {
    this.#clock = clock
    this.#sinceMs = clock.now()
    this.slow = new SlowLog(options)
    this.writes = new WriteLedger(clock, this.slow, database)
    this.reads = new ReadLedger(clock, this.slow, database)
  }

  /** Values of coalescers that changed nothing, or went on inside another one. */
  coalesced(label: string, count: number, lane: LaneName = 'background'): void {
    this.writes.coalesced(label, lane, count)
  }

  report({ planOf, eventLoop }: LedgerSurroundings): LedgerReport {
    const ageMs = this.#clock.now() - this.#sinceMs
    return {
      ageMs,
      writes: this.writes.report(ageMs),
      reads: this.reads.report(),
      blocked: this.writes.blocked(),
      slow: this.slow.report(planOf),
      eventLoop,
      bytes: this.writes.bytes + this.reads.bytes + this.slow.bytes,
    }
  }
}
