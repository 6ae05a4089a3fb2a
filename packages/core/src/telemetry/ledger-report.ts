import type { LaneName } from '../mailbox/lane-name.ts'
import type { ReadClass } from '../readers/read-class.ts'

/** How long something took, by a histogram that keeps two digits. In milliseconds; all 0 where nothing was measured. */
export interface Durations {
  readonly count: number
  readonly totalMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** What the writes of one label and lane came to. */
export interface WriteLabelReport {
  /** As the app named them, or the procedure's name; `unlabelled` for those without, `other` past the bound of labels. */
  readonly label: string
  readonly lane: LaneName
  readonly admitted: number
  /** Refused at the mailbox: the caller has them still. Best-effort ones are `dropped`. */
  readonly rejected: number
  /** Values of coalescers that changed nothing, or went on inside another one of their key. */
  readonly coalesced: number
  /** Best-effort writes and values lost, by cause (an error code). Those that were admitted are among the `failed`, too. */
  readonly dropped: Readonly<Record<string, number>>
  readonly committed: number
  readonly failed: number
  /** Times that one of them went back to its lane: it could not begin, its slice was over, its thread died. */
  readonly retried: number
  /** From the call until its batch was posted, or it ended before: the wait for another process's lock not included. */
  readonly queueWait: Durations
  /** The waits of its batches for a lock that another process has; of those that waited, and no others. */
  readonly beginWait: Durations
  /** How long it held the lock: its own time, and its part of what its batch took beside its items (the commit, for one). */
  readonly hold: Durations
  /** From the call to the outcome, as the caller saw it. */
  readonly total: Durations
  /** Rows changed, as SQLite counts them; of procedures and jobs nothing is known, and nothing is counted. */
  readonly rows: number
  /** Of SQL text, parameters, input and bulk rows of those that were committed, roughly. */
  readonly bytes: number
  /** Of the wall time since open: the part in which it held the lock. */
  readonly lockShare: number
}

/** What the reads of one label and class came to. A snapshot or a stream is one that runs for as long as it has its reader. */
export interface ReadLabelReport {
  readonly label: string
  readonly class: ReadClass
  readonly answered: number
  readonly failed: number
  /** From the call until a reader began with it. */
  readonly wait: Durations
  /** On the reader; of reads that were given up meanwhile, too. */
  readonly run: Durations
  readonly rows: number
}

/**
 * For how long all writes of one label waited while another label held the lock. Every wait in a lane is charged in full, so that
 * the times of one waiter add up to its `queueWait` and its `beginWait`. Holders in parentheses are no labels: `(app)` the lock
 * was free, and the app's thread had not come to post the next batch, or a batch was on its way to the writer's thread or back;
 * `(log)` the lane was held back for the log's sake; `(checkpoint)` the writer finished a checkpoint; `(another process)`;
 * `(writer)` there was no thread, since it had died or was starting.
 */
export interface BlockedReport {
  readonly waiter: string
  readonly holder: string
  readonly waitedMs: number
}

/** A statement, or a wait for the lock, that took longer than the option `telemetry.slowMs`. */
export interface SlowEntry {
  readonly kind: 'write' | 'read' | 'begin'
  /** When it ended: milliseconds since 1970. */
  readonly at: number
  readonly label: string
  readonly lane: LaneName | undefined
  readonly class: ReadClass | undefined
  /** Undefined for procedures and jobs: the label names them. An atomic list's are joined; what is very long is cut. */
  readonly sql: string | undefined
  /** Their shapes, as `text(12)`, `blob(4096)`, `integer`; their values where `telemetry.values` asks for them. */
  readonly parameters: readonly string[]
  readonly waitMs: number
  /** Holding the lock, or on the reader. */
  readonly runMs: number
  readonly rows: number | undefined
  /** What EXPLAIN QUERY PLAN says of it, a line each, once it has been asked for. */
  readonly plan: readonly string[] | undefined
}

/** What is going on at this moment. Ages in milliseconds. */
export interface LiveReport {
  /** The batch that the writer is at. */
  readonly inFlight:
    | {
        readonly lane: LaneName
        readonly writes: number
        readonly ageMs: number
        readonly labels: readonly string[]
      }
    | undefined
  readonly oldest: Readonly<
    Record<LaneName, { readonly label: string; readonly waitedMs: number } | undefined>
  >
  readonly leases: readonly {
    readonly reader: string
    readonly class: ReadClass
    readonly label: string
    readonly ageMs: number
  }[]
  readonly jobs: readonly {
    readonly id: string
    readonly procedure: string
    readonly status: string
    readonly done: number | undefined
    readonly total: number | undefined
  }[]
}

/** The ledger: who did what to the lock and the readers since open. */
export interface LedgerReport {
  /** How long it has been kept: since open, in milliseconds. */
  readonly ageMs: number
  /** Those that held the lock longest in all, first. */
  readonly writes: readonly WriteLabelReport[]
  /** Those that ran longest in all, first. */
  readonly reads: readonly ReadLabelReport[]
  /** Longest first. Up to now, or to when the batch under way was posted. */
  readonly blocked: readonly BlockedReport[]
  /** Newest last, a bounded number of each kind. */
  readonly slow: readonly SlowEntry[]
  /** How late the app's event loop was, beyond the 10 ms in which it is looked at. */
  readonly eventLoop: Durations
  /** What keeping it takes, roughly. */
  readonly bytes: number
}
