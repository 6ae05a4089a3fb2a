import type { Clock } from '../clock.ts'
import type { ErrorWire } from '../errors/wire.ts'
import {
  checkpointRetryMs,
  foreignPinMs,
  gapMsMax,
  gapPauseMs,
  gapPauseMsMax,
  walStuckPauseMs,
  walTailBytes,
  walTruncateBytes,
} from '../limits.ts'
import type { Lease } from '../readers/leases.ts'
import type { WalReport } from '../telemetry/report.ts'
import type { CheckpointRun, LogSize } from './checkpoint.ts'
import type { Bounds, WalView } from './policy.ts'

const nothing: LogSize = { logBytes: 0, copiedBytes: 0 }

/** What is known of the log, from the writer's looks and from checkpoints. Knows neither threads nor SQLite. */
export class LogState {
  /** As far as it has to be copied: nothing where the next write will begin it anew. */
  size: LogSize = nothing
  gaps = 0
  /** How long the last checkpoint beside the writer took. */
  lastCopyMs = 0
  readonly #clock: Clock
  readonly #bounds: Bounds
  #peakBytes = 0
  #copies = 0
  #finishes = 0
  #finishMsMax = 0
  #lastError: ErrorWire | undefined
  #fileBytes = 0
  /** How long the log was when it was last emptied: it says so until the next write begins it anew. */
  #emptiedBytes: number | undefined
  /** Something was committed since the last look. */
  #isDirty = true
  /** The same, since the copy under way began; and whether the writer has looked since. */
  #isDirtySinceCopy = false
  #hasLookedSinceCopy = false
  #hasCopied = false
  #failures = 0
  #isTried = false
  #foreignUntilMs = 0
  #retryAtMs = 0
  #copyAtMs = 0
  #copiedAtMs: number
  #busyAtMs: number
  /** Who was reading, and since when, when the log could not begin anew. */
  #blamed: { readonly reader: string; readonly sinceMs: number } | undefined

  constructor(clock: Clock, bounds: Bounds) {
    this.#clock = clock
    this.#bounds = bounds
    this.#copiedAtMs = clock.now()
    this.#busyAtMs = clock.now()
  }

  /** Whether there is anything left to be done. */
  get wantsLooks(): boolean {
    return (
      this.#leftBytes > 0 || this.#failures > 0 || this.#fileBytes >= walTruncateBytes(this.#bounds.softBytes)
    )
  }

  get isTailLong(): boolean {
    return this.#leftBytes > walTailBytes
  }

  get #leftBytes(): number {
    const left = this.size.logBytes - this.size.copiedBytes
    return left === 0 && this.#isDirty ? 1 : left
  }

  view(isWriterIdle: boolean): Omit<WalView, 'oldestLease' | 'hasThread'> {
    const now = this.#clock.now()
    if (!isWriterIdle) this.#busyAtMs = now
    return {
      logBytes: this.size.logBytes,
      leftBytes: this.#leftBytes,
      fileBytes: this.#fileBytes,
      uncopiedForMs: now - this.#copiedAtMs,
      idleMs: now - this.#busyAtMs,
      failures: this.#failures,
      isTried: this.#isTried,
      retryInMs: Math.max(0, this.#retryAtMs - now),
      copyInMs: Math.max(0, this.#copyAtMs - now),
      hasCopied: this.#hasCopied,
      isForeign: this.#failures > 0 && this.#foreignUntilMs > now,
    }
  }

  report(): Pick<
    WalReport,
    | 'logBytes'
    | 'copiedBytes'
    | 'peakBytes'
    | 'copies'
    | 'finishes'
    | 'finishMsMax'
    | 'gaps'
    | 'failures'
    | 'lastError'
  > {
    return {
      ...this.size,
      peakBytes: this.#peakBytes,
      copies: this.#copies,
      finishes: this.#finishes,
      finishMsMax: this.#finishMsMax,
      gaps: this.gaps,
      failures: this.#failures,
      lastError: this.#lastError?.message,
    }
  }

  onBatch(commits: number, size: LogSize | undefined): void {
    const now = this.#clock.now()
    this.#busyAtMs = now
    if (commits > 0) {
      if (this.#leftBytes === 0) this.#copiedAtMs = now
      this.#isDirty = true
      this.#isDirtySinceCopy = true
    }
    if (size === undefined) return
    this.#hasLookedSinceCopy = true
    this.#learn(size)
  }

  /** A passive checkpoint begins: the writer's looks during it are newer than what it will say. */
  onCopying(): void {
    this.#isDirtySinceCopy = false
    this.#hasLookedSinceCopy = false
  }

  /** A passive checkpoint has ended; told undefined, it could not be made. */
  onCopied(result: CheckpointRun | undefined): void {
    const before = this.size.copiedBytes
    const size = this.#sizeOf(result)
    if (result === undefined || size === undefined) return
    this.#copies++
    this.#hasCopied = true
    this.lastCopyMs = result.ms
    if (!this.#hasLookedSinceCopy) this.#learn(size)
    // Where the log has begun anew meanwhile, what was copied of the one before is of no account.
    else if (this.size.logBytes >= size.logBytes)
      this.#learn({ ...this.size, copiedBytes: Math.max(this.size.copiedBytes, size.copiedBytes) })
    this.#isDirty ||= this.#isDirtySinceCopy
    // A reader keeps it where it was: asking again at once would copy nothing either.
    if (this.#leftBytes > 0 && this.size.copiedBytes === before)
      this.#copyAtMs = this.#clock.now() + walStuckPauseMs
  }

  /**
   * The writer has copied the rest; told undefined, it could not.
   *
   * @param isQuiet none of our readers was at it, and none could begin.
   */
  onFinished(result: CheckpointRun | undefined, oldest: Lease | undefined, isQuiet: boolean): void {
    const size = this.#sizeOf(result)
    if (result === undefined || size === undefined) return
    this.#finishes++
    this.#finishMsMax = Math.max(this.#finishMsMax, result.ms)
    this.#hasLookedSinceCopy = true
    this.#learn(size)
    if (!result.beginsAnew) {
      if (isQuiet) this.#foreignUntilMs = this.#clock.now() + foreignPinMs
      this.onHeldUp(oldest)
      return
    }
    this.#emptiedBytes = size.logBytes
    if (size.logBytes === 0) this.#fileBytes = 0
    this.size = nothing
    this.#calm()
  }

  /**
   * Readers have kept the log from beginning anew. The first time a gap is the answer at once; then pauses grow, but for a log at
   * its hard bound that our own readers keep there: users write on meanwhile.
   */
  onHeldUp(oldest: Lease | undefined): void {
    const now = this.#clock.now()
    this.#failures++
    this.#isTried = true
    this.#hasCopied = false
    const isUrgent = this.size.logBytes >= this.#bounds.hardBytes && this.#foreignUntilMs <= now
    const pauseMsMax = isUrgent ? gapPauseMs : gapPauseMsMax
    const pauseMs = this.#failures === 1 ? 0 : Math.min(pauseMsMax, gapPauseMs * 2 ** (this.#failures - 2))
    this.#retryAtMs = now + pauseMs
    this.#blamed = oldest && { reader: oldest.reader, sinceMs: now - oldest.ageMs }
  }

  /** What was in the way is not any more. */
  retryNow(): void {
    this.#failures = Math.max(1, this.#failures)
    this.#isTried = false
    this.#hasCopied = false
    this.#retryAtMs = 0
    this.#copyAtMs = 0
    this.#blamed = undefined
  }

  /** Once a lease that was in the way for long has ended, another try is worth it at once. */
  noteOldest(oldest: Lease | undefined): void {
    const blamed = this.#blamed
    if (blamed === undefined) return
    const now = this.#clock.now()
    if (oldest?.reader === blamed.reader && now - oldest.ageMs - blamed.sinceMs < 1) return
    this.#blamed = undefined
    if (now - blamed.sinceMs > gapMsMax.interactive) this.retryNow()
  }

  /** Whatever it came to is known; what failed is not tried again at once. */
  #sizeOf(result: CheckpointRun | undefined): LogSize | undefined {
    this.#lastError = result?.error
    if (result?.size !== undefined) return result.size
    this.#retryAtMs = this.#clock.now() + checkpointRetryMs
    this.#copyAtMs = this.#retryAtMs
    return undefined
  }

  #learn(seen: LogSize): void {
    const size = seen.logBytes === this.#emptiedBytes ? nothing : seen
    if (size === seen) this.#emptiedBytes = undefined
    // It has begun anew, whoever has seen to that.
    if (size.logBytes < this.size.logBytes) this.#calm()
    this.#isDirty = false
    this.size = size
    this.#fileBytes = Math.max(this.#fileBytes, size.logBytes)
    this.#peakBytes = Math.max(this.#peakBytes, size.logBytes)
    if (size.copiedBytes >= size.logBytes) this.#copiedAtMs = this.#clock.now()
  }

  #calm(): void {
    this.#failures = 0
    this.#isTried = false
    this.#hasCopied = false
    this.#foreignUntilMs = 0
    this.#retryAtMs = 0
    this.#copyAtMs = 0
    this.#blamed = undefined
  }
}
