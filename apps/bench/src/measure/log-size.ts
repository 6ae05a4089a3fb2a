import { statSync } from 'node:fs'
import { logLookMs } from '../limits.ts'
import type { Measurements } from '../trials/trial.ts'

const mebibyte = 1_048_576

/**
 * The size of a database's write-ahead log as the disk sees it. A log that starts anew keeps the size of its file, so that a look
 * every few milliseconds misses only what is cut off at once.
 */
export class LogSize {
  readonly #log: string
  readonly #timer: NodeJS.Timeout
  #peakBytes = 0

  /** @param file the database's; looked at from now on, by `stat` alone. */
  constructor(file: string) {
    this.#log = `${file}-wal`
    this.#timer = setInterval(() => this.look(), logLookMs)
    this.look()
  }

  /** One more look, for who knows that the log has just grown. @returns its size in bytes, 0 where there is none. */
  look(): number {
    const bytes = statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0
    this.#peakBytes = Math.max(this.#peakBytes, bytes)
    return bytes
  }

  /** No more looks. */
  stop(): Measurements {
    clearInterval(this.#timer)
    const bytes = this.look()
    return {
      log_peak: { value: this.#peakBytes / mebibyte, unit: 'MiB' },
      log_end: { value: bytes / mebibyte, unit: 'MiB' },
    }
  }
}
