import type { ConnectionSignals } from '../engine/signals.ts'
import { profileHandOverMs } from '../limits.ts'
import type { LockWaitsReport } from '../telemetry/report.ts'
import type { StatementCounts } from '../telemetry/statement-profiles.ts'

/** What a thread's statements came to since it told last. */
export interface ThreadProfile {
  readonly type: 'profile'
  readonly statements: readonly StatementCounts[]
  /** Since the connection was opened. */
  readonly lockWaits: LockWaitsReport
}

/**
 * Hands a thread's profile over in batches: some time after work that has not been told of yet, so that work costs a message
 * now and then, and a thread that has nothing to do sends nothing.
 */
export class ProfileReporter {
  readonly #signals: ConnectionSignals | undefined
  readonly #post: (profile: ThreadProfile) => void
  #timer: NodeJS.Timeout | undefined

  constructor(signals: ConnectionSignals | undefined, post: (profile: ThreadProfile) => void) {
    this.#signals = signals
    this.#post = post
  }

  /** Work was done. */
  note(): void {
    if (this.#timer !== undefined || this.#signals === undefined) return
    this.#timer = setTimeout(() => this.#tell(), profileHandOverMs)
    // The thread may end meanwhile.
    this.#timer.unref()
  }

  #tell(): void {
    this.#timer = undefined
    const statements = this.#signals?.profile() ?? []
    const lockWaits = this.#signals?.lockWaits()
    if (statements.length > 0 && lockWaits !== undefined)
      this.#post({ type: 'profile', statements, lockWaits })
  }

  /** The connection is about to close. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
