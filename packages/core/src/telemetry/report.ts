import type { LaneName } from '../mailbox/lane-name.ts'

/** Counters and gauges since open, as plain data. */
export interface Report {
  /** Raised when a field changes its meaning; fields may be added without. */
  readonly version: 1
  readonly file: string
  readonly sqlite: string
  /** The states of the actors, as their machines name them. */
  readonly states: { readonly database: string; readonly writer: string; readonly readers: readonly string[] }
  readonly lanes: Readonly<
    Record<
      LaneName,
      {
        readonly depth: number
        /** Writes that wait to get into the lane: for room, or for another write's outcome. */
        readonly waiting: number
        readonly capacity: number
        readonly admitted: number
        readonly rejected: number
        /** Best-effort writes that found the lane full. */
        readonly dropped: number
        readonly committed: number
        readonly failed: number
      }
    >
  >
  /** Transactions committed by the writer. */
  readonly batches: number
  /** Best-effort writes that came to nothing, by label and cause (an error code). */
  readonly drops: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Writes that held the lock longer than their lane's slice, by label: how many, and the longest in milliseconds. */
  readonly overstays: Readonly<Record<string, { readonly count: number; readonly longestMs: number }>>
  /** Failed writes whose ticket nobody awaited. */
  readonly writeFailuresUnheard: number
  /** Reads answered and failed. */
  readonly reads: { readonly answered: number; readonly failed: number; readonly waiting: number }
  /** Every SQLITE_BUSY met by the writer or a reader, waits that ended well included, by SQLite's extended code. */
  readonly busy: Readonly<Record<string, number>>
  readonly restarts: { readonly writer: number; readonly readers: number }
}
