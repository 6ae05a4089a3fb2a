import { walLookMs } from '../limits.ts'
import type { Checkpoints, LogSize } from './checkpoint.ts'

/** Looks at the log after batches, in the writer's thread: not after each, since a look costs as much as a small write. */
export class LogWatch {
  readonly #checkpoints: Checkpoints
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(checkpoints: Checkpoints) {
    this.#checkpoints = checkpoints
  }

  afterBatch(): LogSize | undefined {
    const now = performance.now()
    if (now - this.#lookedAtMs < walLookMs) return undefined
    this.#lookedAtMs = now
    try {
      return this.#checkpoints.size()
    } catch {
      // The disk fails: the batch before it has its answers all the same.
      return undefined
    }
  }
}
