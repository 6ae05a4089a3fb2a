import type { LaneName } from '../mailbox/lane-name.ts'
import type { LedgerReport, LiveReport } from './ledger-report.ts'

/** How the writer's waits for a lock that another process had went, since its connection was opened. */
export interface LockWaitsReport {
  readonly waits: number
  readonly waitedMs: number
  /** Looks at the lock because it had been released, and because time had passed. */
  readonly woken: number
  readonly polled: number
  readonly timedOut: number
  /** Tries left to another process that had waited longer. */
  readonly deferred: number
}

/** What one statement came to on all connections of a kind. */
export interface StatementReport {
  readonly sql: string
  readonly on: 'writer' | 'reader'
  readonly runs: number
  /** SQLite's own time, in whole milliseconds for each run: right on average where runs are many, 0 or 1 for one short run. */
  readonly totalMs: number
  readonly longestMs: number
  /** Rows stepped over in scans of whole tables, sorts, and indexes made for one run: https://sqlite.org/c3ref/c_stmtstatus_counter.html. */
  readonly scanSteps: number
  readonly sorts: number
  readonly autoIndexes: number
  /** Operations of SQLite's virtual machine. */
  readonly vmSteps: number
}

/** Reads in the app's own thread. They are not among the `reads`, which readers' threads answer. */
export interface InThreadReport {
  /** Those that ran, failed ones included. */
  readonly reads: number
  readonly failed: number
  /** Those that held the event loop longer than `warnAfterMs`. */
  readonly slow: number
  /** How long the longest of all held it, and its label. */
  readonly longestMs: number
  readonly longestLabel: string | undefined
}

/** The write-ahead log and its governor. Sizes in bytes. */
export interface WalReport {
  /** What the governor is at: `watching`, `checkpointing`, `finishing`, `gap.waiting` … */
  readonly state: string
  /** `throttling`: lower lanes get less of the writer. `pinned`: they pause, the log has reached its hard bound. */
  readonly pressure: 'calm' | 'throttling' | 'pinned'
  /** In the log, and copied of that, when the writer last looked. */
  readonly logBytes: number
  readonly copiedBytes: number
  /** The longest since open. */
  readonly peakBytes: number
  /** Checkpoints beside the writer; those that the writer finished, and how long the longest of them kept it. */
  readonly copies: number
  readonly finishes: number
  readonly finishMsMax: number
  /** Moments in which new reads waited, so that the log could begin anew. */
  readonly gaps: number
  /** Reads ended because they pinned the log at its hard bound. */
  readonly pinsEnded: number
  /** How often in a row readers have kept the log from beginning anew. */
  readonly failures: number
  /** What lower lanes give up of the writer, from 0 to 1. */
  readonly restraint: number
  /** The reader that has been at it longest, if any is: what pins the log, where something does. */
  readonly oldestLease:
    | { readonly reader: string; readonly label: string | undefined; readonly ageMs: number }
    | undefined
  /** Why the last checkpoint failed, if it did. */
  readonly lastError: string | undefined
}

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
  /** The readers of each class: how many, those that are at work, those lent to a snapshot or stream, and who waits for one. */
  readonly readers: Readonly<
    Record<
      'interactive' | 'background',
      { readonly readers: number; readonly busy: number; readonly lent: number; readonly waiting: number }
    >
  > & {
    /** Readers that were replaced: those that have not ended yet, and all of them by the label of their work and why. */
    readonly retired: {
      readonly alive: number
      readonly byLabel: Readonly<Record<string, Readonly<Record<string, number>>>>
    }
    /** Streams whose reader was taken back because nobody went on with them. */
    readonly streamsReclaimed: number
  }
  /** Undefined where the option `inThreadReader` is not set. */
  readonly inThread: InThreadReport | undefined
  /** Undefined where the option `wal.checkpoints` leaves the log to others. */
  readonly wal: WalReport | undefined
  /** Every SQLITE_BUSY met by the writer or a reader, waits that ended well included, by SQLite's extended code. */
  readonly busy: Readonly<Record<string, number>>
  /** How often another process was seen to have committed, and to have changed the schema: the events `changed-outside`. */
  readonly changedOutside: { readonly noticed: number; readonly schemaChanged: number }
  readonly restarts: { readonly writer: number; readonly readers: number }
  /** What the signals extension does here, and why not more. */
  readonly signals: {
    /**
     * How the writer waits for a lock that another process has: woken by its release (`futex`), looking at a shared word
     * every millisecond (`polling`), or looking at the lock after short sleeps (`sleeping` with the extension, `none` without).
     */
    readonly waiting: 'futex' | 'polling' | 'sleeping' | 'none'
    /** Whether a running statement can be ended. */
    readonly interrupts: boolean
    readonly notice: string | undefined
    readonly lockWaits: LockWaitsReport | undefined
  }
  /** Who held the lock, who waited for whom, what was slow. Undefined where the option `telemetry` turns it off. */
  readonly ledger: LedgerReport | undefined
  readonly live: LiveReport
  /** The statements that took longest in all, first; empty without the signals extension. Told some 250 ms after they ran. */
  readonly statements: readonly StatementReport[]
}
