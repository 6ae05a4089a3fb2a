/**
 * Every number of the harness in one place, each with its reason.
 */

/** How long and how often a suite measures. */
export interface Pace {
  /** Trials of each subject; the median needs three to throw an outlier away. */
  readonly rounds: number
  /** Load before the window opens: code gets compiled, files get their first pages, the log its first restart. */
  readonly warmUpMs: number
  /** How long a steady load is counted. */
  readonly windowMs: number
  /** The same where a p99 is taken of some two hundred writes a second: it needs hundreds of them. */
  readonly mixedWindowMs: number
  /** Rows of one bulk call. */
  readonly textRows: number
  /** Rows of one bulk call of 1 KiB blobs: fewer when in a hurry, since each is written twice (log and file). */
  readonly blobRows: number
  /** Writes that pass through the mailbox alone. */
  readonly mailboxWrites: number
}

/** Under six minutes for the writes suite. */
export const fullPace: Pace = {
  rounds: 5,
  warmUpMs: 400,
  windowMs: 1_800,
  mixedWindowMs: 3_000,
  textRows: 100_000,
  blobRows: 100_000,
  mailboxWrites: 1_000_000,
}

/** Under a minute for the writes suite: to see a trend, not to quote. */
export const quickPace: Pace = {
  rounds: 3,
  warmUpMs: 100,
  windowMs: 250,
  mixedWindowMs: 500,
  textRows: 100_000,
  blobRows: 10_000,
  mailboxWrites: 100_000,
}

/** Text of a row, in bytes: between a peer's name and a short record. */
export const textBytes = 200

/** A blob, in bytes: a small structured record. */
export const blobBytes = 1_024

/** Different texts (and blobs) that rows take turns with: enough that no page repeats one, few enough to stay in cache. */
export const bodiesKept = 1_024

/** Raw writes between two turns of the event loop where one caller writes: under 1 ms, so that timers stay true. */
export const serialWritesPerTurn = 32

/** Users write at this rate beside the background: the peak of identify events seen in a real peer’s connect storm. */
export const userWritesPerSecond = 200

/** Background writes kept waiting: four full batches, so that a late timer never finds the lane empty. */
export const backgroundDepth = 4_096

/** How often the background lane is filled up: a writer at full speed takes some hundreds of writes meanwhile. */
export const feedEveryMs = 1

/** What a user’s write may take, at p99, beside a saturated background lane. */
export const userWaitMsMax = 10

/** What the app’s event loop may be held up for: a longer block is felt as a stutter. */
export const loopDelayMsMax = 20

/** What a queued write may weigh beyond its payload. */
export const queuedWriteBytesMax = 450

/** Writes that wait while memory is counted: enough that a page of the heap more or less does not show. */
export const queuedForMemory = 50_000

/** Writes put into the mailbox before a batch of a thousand is taken out, a tenth of them having been cancelled. */
export const mailboxTurn = 1_130

/** Every so many writes one is cancelled. */
export const cancelledEvery = 10

/** A trial that has not ended by then is killed: the longest takes under ten seconds on a slow disk. */
export const trialMsMax = 90_000

/** How often a profile looks: five thousand looks a second cost a few percent and show what takes one. */
export const profileEveryMicros = 200

/** Tick of the event-loop monitor, its finest; what it adds to each delay is taken off again. */
export const loopTickMs = 1

/** Synced writes by which a disk is judged; the first few warm it up. */
export const fsyncTries = { warmUp: 5, measured: 41 } as const

/** One page, as SQLite appends it to its log. */
export const fsyncBytes = 4_096
