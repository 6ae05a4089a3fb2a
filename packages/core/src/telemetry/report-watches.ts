import type { Clock } from '../clock.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { timerMsMax } from '../limits.ts'
import { reportEveryMsDefault, reportEveryMsMin } from './limits.ts'
import type { Report } from './report.ts'

export interface WatchReportOptions {
  /** The pause between two reports, in milliseconds: 100 or more, 1,000 unless said otherwise. */
  readonly everyMs?: number | undefined
}

/** Told of a report. What it answers is awaited before the next one is made. */
export type ReportListener = (report: Report) => unknown

interface Watch {
  readonly listener: ReportListener
  readonly everyMs: number
  timer: unknown
  /** Its last report came to grief: it has been warned of, and is not again until one goes well. */
  isFailing: boolean
}

/**
 * Those who get a report now and then. A report is made only for a listener who is through with the one before, so that a slow one
 * gets fewer of them and nothing is kept for it; one that throws is warned of.
 */
export class ReportWatches {
  readonly #clock: Clock
  readonly #report: () => Report
  readonly #watches = new Set<Watch>()
  #isClosed = false

  /** @param clock one whose timers do not keep the process alive. */
  constructor(clock: Clock, report: () => Report) {
    this.#clock = clock
    this.#report = report
  }

  /** @throws LockkeeperError `invalid-argument`, `closed` @returns what ends it. */
  add(listener: ReportListener, { everyMs = reportEveryMsDefault }: WatchReportOptions = {}): () => void {
    if (typeof listener !== 'function') throw refused('watchReport takes a function', 'invalid-argument')
    if (typeof everyMs !== 'number' || !(everyMs >= reportEveryMsMin && everyMs <= timerMsMax)) {
      const why = `watchReport: everyMs is ${reportEveryMsMin} or more milliseconds, not ${String(everyMs)}`
      throw refused(why, 'invalid-argument')
    }
    if (this.#isClosed) throw refused('The database is closed: open it again to watch its report', 'closed')
    const watch: Watch = { listener, everyMs, timer: undefined, isFailing: false }
    this.#watches.add(watch)
    this.#schedule(watch, 0)
    return () => this.#end(watch)
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#isClosed = true
    for (const watch of this.#watches) this.#end(watch)
  }

  #end(watch: Watch): void {
    this.#watches.delete(watch)
    this.#clock.clearTimeout(watch.timer)
  }

  #schedule(watch: Watch, ms: number): void {
    watch.timer = this.#clock.setTimeout(() => this.#tell(watch), ms)
  }

  async #tell(watch: Watch): Promise<void> {
    try {
      await watch.listener(this.#report())
      watch.isFailing = false
    } catch (thrown) {
      if (!watch.isFailing) process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
      watch.isFailing = true
    }
    if (this.#watches.has(watch)) this.#schedule(watch, watch.everyMs)
  }
}

function refused(why: string, code: 'invalid-argument' | 'closed'): LockkeeperError {
  return new LockkeeperError(why, { code, stage: 'admission' })
}
