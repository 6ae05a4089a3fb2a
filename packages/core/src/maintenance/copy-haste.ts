import {
  backupHungryMs,
  backupHungryMsMin,
  backupLastPatienceMs,
  backupLookMs,
  backupLosingMs,
} from './limits.ts'

/**
 * Sees to it that a backup ends, whatever is written meanwhile. Where the database grows faster than it is copied, steps come
 * more often; where that has not helped for a minute, it is lost. Nothing here reads a clock.
 */
export class CopyHaste {
  /** How long the copy may be kept from its next step. */
  hungryMs: number = backupHungryMs
  #look: Mark
  #minute: Mark
  #lastSinceMs: number | undefined

  constructor(nowMs: number) {
    this.#look = { atMs: nowMs, pagesLeft: Number.POSITIVE_INFINITY }
    this.#minute = this.#look
  }

  /** After each step. @returns whether the copy has a chance to end. */
  note(nowMs: number, pagesLeft: number): boolean {
    const mark = { atMs: nowMs, pagesLeft }
    if (nowMs - this.#look.atMs >= backupLookMs) {
      if (pagesLeft >= this.#look.pagesLeft) this.hungryMs = Math.max(backupHungryMsMin, this.hungryMs / 2)
      this.#look = mark
    }
    if (nowMs - this.#minute.atMs < backupLosingMs) return true
    const isLosing = pagesLeft >= this.#minute.pagesLeft
    this.#minute = mark
    return !isLosing
  }

  /** SQLite has begun anew: what was left then says nothing. */
  beginAnew(nowMs: number): void {
    this.#look = { atMs: nowMs, pagesLeft: Number.POSITIVE_INFINITY }
    this.#minute = this.#look
  }

  /** Whether the last step, which could come now, may wait for a quiet moment: only for so long in all, or growth outruns it. */
  mayAwaitQuiet(nowMs: number): boolean {
    this.#lastSinceMs ??= nowMs
    return nowMs - this.#lastSinceMs < backupLastPatienceMs
  }
}

interface Mark {
  readonly atMs: number
  readonly pagesLeft: number
}
