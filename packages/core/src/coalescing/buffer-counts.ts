/** Why values were dropped: no room, flushes that kept failing, or a close that ran out of time. */
export type DropCause = 'full' | 'failed' | 'closed'

/** Why a value is not taken in: no room, the end, no room with its caller free to try again, or a function that threw at it. */
export type Refusal = 'full' | 'closed' | 'rejected' | 'invalid'

/** Values by what became of them, and the errors' codes by which some were lost. */
export class BufferCounts {
  offered = 0
  filtered = 0
  merged = 0
  flushed = 0
  rejected = 0
  readonly dropped: Record<DropCause, number> = { full: 0, failed: 0, closed: 0 }
  /** There are as many codes as the documents list, so it stays small. */
  readonly causes = new Map<string, number>()
  readonly #onDropped: ((code: string, count: number) => void) | undefined

  constructor(onDropped?: (code: string, count: number) => void) {
    this.#onDropped = onDropped
  }

  drop(cause: DropCause, code: string, count = 1): void {
    if (count === 0) return
    this.dropped[cause] += count
    this.causes.set(code, (this.causes.get(code) ?? 0) + count)
    this.#onDropped?.(code, count)
  }

  refuse(why: Refusal, count: number): void {
    this.offered += count
    if (why === 'rejected') this.rejected += count
    else if (why === 'invalid') this.drop('failed', 'invalid-argument', count)
    else this.drop(why, why === 'full' ? 'queue-full' : 'closed', count)
  }

  get now(): {
    offered: number
    filtered: number
    merged: number
    flushed: number
    rejected: number
    dropped: Record<DropCause, number>
    causes: Record<string, number>
  } {
    const { offered, filtered, merged, flushed, rejected } = this
    const dropped = { ...this.dropped }
    return { offered, filtered, merged, flushed, rejected, dropped, causes: Object.fromEntries(this.causes) }
  }
}
