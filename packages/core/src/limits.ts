/**
 * Every bound in one place, each with its reason. A bound that can be set is a default here.
 */
import type { LaneName } from './mailbox/lane-name.ts'
import type { ReadClass } from './readers/read-class.ts'

/** What becomes of a write that finds its lane full: refused with a hint when to retry, kept waiting, or dropped and counted. */
export type Overflow = 'reject' | 'wait' | 'drop'

export interface LaneLimits {
  /** Writes that may wait in the lane; what becomes of one more is the overflow's to say. */
  readonly capacity: number
  readonly overflow: Overflow
  /** Writes that may wait for room, or for another write's outcome, outside the lane. */
  readonly waitersMax: number
  /** How long a batch of this lane may hold the write lock once somebody more urgent could be waiting. */
  readonly sliceMs: number
  /** How long the oldest write may wait before its lane is served out of turn. */
  readonly waitMsMax: number
}

/**
 * Capacities bound memory: at about half a kilobyte a queued write beyond its payload, a full mailbox holds some 20 MB.
 * Bulk waits for room, which is the backpressure it needs; best effort is dropped and counted; a person is told at once.
 * Slices bound what a user waits for; 5 ms is invisible to a person and long enough to make a commit worth its cost.
 */
export const laneDefaults: Readonly<Record<LaneName, LaneLimits>> = {
  user: { capacity: 16_384, overflow: 'reject', waitersMax: 16_384, sliceMs: 5, waitMsMax: 0 },
  sync: { capacity: 8_192, overflow: 'wait', waitersMax: 65_536, sliceMs: 5, waitMsMax: 250 },
  background: { capacity: 16_384, overflow: 'drop', waitersMax: 16_384, sliceMs: 5, waitMsMax: 500 },
}

/** Items in one message: past a thousand a longer batch gains nothing, and its answer blocks the app thread longer. */
export const batchItemsMax = 1_024

/** Items in a message of a lane whose batches keep being cut short: what is sent in vain has to be sent again. */
export const batchItemsMin = 32

/** Bytes in one message, as far as they are counted: copying a megabyte takes about a millisecond of the app thread. */
export const batchBytesMax = 1_048_576

/** What one write may carry. SQLite's own limit for a value is 1 GB; a message of that size would freeze both threads. */
export const writeBytesMax = 64 * 1_048_576

/** Statements in one atomic list: an item is indivisible, so its length is everybody's wait. */
export const atomicStatementsMax = 1_000

/** How long SQLite itself may sleep for a lock at each try; longer pauses are ours, because ours can be interrupted. */
export const sqliteBusyMs = 2

/** How long opening waits for another process that has the file locked; nobody's write is waiting yet. */
export const openBusyMs = 10_000

/** How long a batch tries to begin before the writer's mailbox has another look at deadlines and urgency. */
export const beginWaitMs = 25

/** Pauses between tries are spread over this, which shares the lock fairly with another process. */
export const beginPauseMsMax = 2

/** A begin that took this long waited for another process's lock: below it, it is the price of a BEGIN, or of a busy machine. */
export const beginNoticedMs = 1

/** How long another process may hold the lock before waiting writes are given up. */
export const beginGiveUpMs = 10_000

/** Pause between two looks whether another process has committed, under load: each costs some 5 µs of the writer's thread. */
export const outsideLookPauseMs = 5

/** The same while nothing is written: soon enough for a person, and four short wakes a second. */
export const outsideLookMs = 250

/** Pause between two batches that met a taken lock; random within this, so that two processes don’t move in step. */
export const contendedPauseMs = 2

/** Prepared statements kept per connection: an app has tens, a query builder some hundreds. */
export const statementsCachedMax = 256

/** Node’s longest timer, 24 days: a longer one would fire at once. A longer deadline is none. */
export const timerMsMax = 2_147_483_647

/**
 * Reader threads by class. Two interactive ones keep one free while another is slow; more threads than cores gain nothing.
 * Background work yields the CPU anyway, so that one is enough for it.
 */
export const readersDefault = (cores: number): Readonly<Record<ReadClass, number>> => ({
  interactive: Math.min(4, Math.max(2, cores - 1)),
  background: 1,
})

/** Each reader is a thread with a page cache of its own, of up to 16 MB. */
export const readersMax = 64

/** Reads that may wait for a reader; at 50 µs a read this is under a second of work. */
export const readsWaitingMax = 16_384

/** A thread that dies is replaced after a growing pause, at most so many times in a row. */
export const restart = { firstMs: 20, longestMs: 2_000, timesMax: 5, calmMs: 30_000 } as const

/**
 * Pauses between two tries to write while the disk is full or fails: each starts a thread, some tens of milliseconds of CPU, so
 * they grow; but somebody has just freed space and looks, so not beyond two seconds.
 */
export const faultPause = { firstMs: 100, longestMs: 2_000 } as const

/** An item that was running when its thread died, this many times, is refused instead of run again. */
export const strikesMax = 2

/** How long close() drains by default before it reports what it did not write. */
export const closeDeadlineMs = 5_000

/** How long a thread has to leave once told to, before it is left behind; less where the deadline of closing is shorter. */
export const threadLeaveMs = 1_000

/** The least: closing a connection copies the log into the file, and even a deadline of 0 should not prevent that. */
export const threadLeaveMsMin = 100

/** How long a thread may take to leave within a deadline. */
export const leaveMs = (deadlineMs: number): number =>
  Math.min(threadLeaveMs, Math.max(threadLeaveMsMin, deadlineMs))

/** The oldest SQLite that does not corrupt a WAL database when two connections checkpoint at once. */
export const sqliteVersionMin = '3.51.3'

/** Commit records of other openings kept in the file however old they are; each is one small row. */
export const commitRecordsKept = 16

/**
 * How long a commit record outlives its opening's last commit: seven days. An opening that is alive may need its record after
 * any commit, and others can't see whether it is alive.
 */
export const commitRecordKeptSeconds = 604_800

/** Small reads that share a message: at 5 µs each, the last one waits a third of a millisecond for those before it. */
export const readsPerMessageMax = 64

/** How long the reads of one message may take together; the rest is handed back, and runs on whatever reader is free. */
export const readsTurnMs = 1

/** After this long, what stands behind a slow read in its message is taken back. */
export const readsMoveMs = 2

/** Rows, bytes and time of one chunk of a stream: a quarter of a millisecond of the app’s thread. */
export const chunkRowsMax = 512
export const chunkBytesMax = 131_072
export const chunkMsMax = 4

/** How old a snapshot may get: what it pins keeps the log from being emptied (promise 11). */
export const snapshotAgeMsMax = 10_000

/** How long a stream may stand still with nobody asking for its next row, before its reader is taken away. */
export const streamIdleMsMax = 10_000

/** How long a reader may be at a read that was given up, before another one takes its place. */
export const overdueMs = 50

/** Readers that were replaced while they were busy and have not ended yet; past so many, one that is stuck is not replaced. */
export const readersRetiredMax = 4

/**
 * After this long, readers that are lent and stand still while others wait are taken to wait for each other: a stream's loop
 * that reads, on the only reader of its class. Another reader is started then, and leaves when all are back; so many at most.
 */
export const stallMs = 100
export const readersSpareMax = 4

/** Snapshots and streams that may wait for a reader; each that has one keeps it for a while. */
export const tenantsWaitingMax = 1_024

/** Tries of a read that meets a log being recovered or restarted; each waits for SQLite's busy handler first. */
export const readTriesMax = 5

/** What a read in the app's thread may hold the event loop for before it is told of: a frame at 60 Hz has 16 ms for everything. */
export const inThreadWarnAfterMs = 5

/** Tries of a read in the app's thread that meets a log being recovered. Nobody sleeps between them: together some tenths of a millisecond. */
export const inThreadTriesMax = 20

/** The event that tells of a slow read in the app's thread comes at most so often for each label. */
export const slowReadPauseMs = 1_000

/** Ended jobs whose result is kept, for a start that is repeated. */
export const jobsEndedKept = 1_000

/** Pause before a job's step is tried again after a failure that passes, such as a full disk. */
export const jobRetryPauseMs = 1_000

/** Idempotency keys kept, newest first: a repeat comes soon after the write it repeats, or never. */
export const idempotencyKeysKept = 100_000

/** Labels counted by name; what comes after them is counted as `other`, so that a label made from data can't fill memory. */
export const labelsMax = 1_000

/** Statements profiled by name, over all threads; and those of them that a report shows, the slowest first. */
export const statementsProfiledMax = 2_000
export const statementsReportedMax = 50

/** How long after work a thread tells what its statements came to: a message now and then, soon enough for a person. */
export const profileHandOverMs = 250

/** Rows and bytes of a bulk write that travel in one message: a quarter of a millisecond of either thread. */
export const bulkChunkRows = 1_000
export const bulkChunkBytes = 262_144

/** How long the app's thread sends rows before it lets the event loop go on. */
export const bulkTurnMs = 4

/** What one bulk write may hold: the writer's thread keeps all of it until its transaction has run. */
export const bulkRowsMax = 1_000_000
export const bulkBytesMax = 256 * 1_048_576

/**
 * The write-ahead log's soft bound, from which lower lanes shrink, and its hard bound, at which they pause and what pins the log
 * is ended. The governor keeps a log that nobody pins at 18 to 31 MiB; docs/decisions has the figures.
 */
export const walSoftBytes = 32 * 1_048_576
export const walHardBytes = 128 * 1_048_576

/** Between two looks of the writer's thread at the log's size, which cost 4 µs each. */
export const walLookMs = 5

/**
 * How the governor goes about it; sizes are bytes of the log, as shares of the soft bound: 4, 12, 2 and 24 MiB at its default. It
 * copies beside the writer once so much has not been copied: less would copy a page that changes all the time more often. Once the
 * log is long enough to be worth a pause of the writer it catches up, lanes going on, until little is left to copy (or the log is so
 * long that it must not matter); then the writer copies the rest itself and lets the log begin anew; where readers keep it from
 * that, it waits for them so long.
 */
export const walCopyBytes = (softBytes: number): number => softBytes / 8
export const walFinishBytes = (softBytes: number): number => (softBytes * 3) / 8
export const walCatchUpBytes = (softBytes: number): number => softBytes / 16
export const walCatchUpLogBytes = (softBytes: number): number => (softBytes * 3) / 4
export const walTailBytes = 131_072
export const walFinishWaitMs = 2

/**
 * Before the writer finishes, passes of the thread copy what is there while lower lanes pause; another one follows a pass that
 * took so long, since users have written meanwhile; so many at most.
 */
export const settleAgainMs = 4
export const settlePassesMax = 3

/** Between two looks of the governor's own, while something is to be done and no batch comes by. */
export const walTickMs = 50

/** Before copying is tried again that a reader kept from going on. */
export const walStuckPauseMs = 50

/** A log file that is longer than this is cut once all of it is copied: what one burst took is given back. */
export const walTruncateBytes = (softBytes: number): number => (softBytes * 3) / 4

/** The writer has had nothing to do for so long: the log is copied, however short it is. */
export const walIdleMs = 250

/** The oldest that the last checkpoint gets while there is something to copy: after a crash that much is read again. */
export const walAgeMsMax = 30_000

/**
 * A gap: new leases wait until those that pin the log have ended. Background leases wait so long at most, interactive ones so
 * long; between two gaps that came to nothing there is a pause, which grows.
 */
export const gapMsMax = { background: 1_000, interactive: 100 } as const
export const gapFinishWaitMs = 10
/** Once nobody reads, what is left is copied while new leases wait: so long at most. */
export const gapSettleMsMax = 250
export const gapLookMs = 1
export const gapPauseMs = 100
export const gapPauseMsMax = 5_000

/** A lease that is younger is not ended for the log's sake: it can't be what has kept it from being emptied. */
export const pinAgeMsMin = 100

/**
 * What lower lanes keep of the writer up to the hard bound, and at it where what pins the log is not ours to end. With nothing
 * kept they would creep up to the bound and never reach it, so that what pins the log would never be ended.
 */
export const walRestraintFloor = 0.05

/** A reader of another process's is blamed for so long: at the pauses between gaps it has been met again by then, if it is there. */
export const foreignPinMs = 2 * gapPauseMsMax

/** Between two looks whether work still waits in a lane that rests. */
export const restingLookMs = 500

/** A checkpoint that failed is not tried again at once: a full disk is not fuller for the asking. */
export const checkpointRetryMs = 500

/**
 * Pages in the log after which, with `checkpoints: 'automatic'`, a commit copies them into the file. SQLite's own 1,000 stalls one commit in a hundred for
 * 10 ms; half of that stalls for 5, at the same throughput. Fewer pages would cost disks with a slow fsync too much, since
 * every copying syncs twice.
 */
export const checkpointPages = 500

/**
 * Pauses between two interrupts of the same work. SQLite forgets one that arrives between two statements, so it is sent
 * again: soon, since the reader should be free within milliseconds, and then less often, for a procedure that computes.
 */
export const cutOffPauseMs = 2
export const cutOffPauseMsMax = 16
