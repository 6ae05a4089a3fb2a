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
  /** How long processes contend for the write lock: a p99 of handovers needs hundreds of them. */
  readonly contentionMs: number
  /** Waits of a second for a lock. */
  readonly lockWaits: number
  /** Reads that are aborted while they run: a p99 needs hundreds. */
  readonly interrupts: number
  /** Rows of the table that is read: many times what a connection caches, so that most random keys miss. */
  readonly tableRows: number
  /** Load before the window of a read opens: three threads each compile their code, and until then a row takes ten times as long. */
  readonly readsWarmUpMs: number
  /** Rows of a bulk load that fills the write-ahead log: more than its hard bound, and several times where not in a hurry, at some seven KiB of log a row. */
  readonly logRows: number
  /** How long peers connect by the thousand; and how long reads are measured alone before. */
  readonly stormMs: number
  readonly stormAloneMs: number
  /** How long they connect while blobs are stored. */
  readonly stormSyncMs: number
  /** Blobs that are stored and indexed. */
  readonly blobs: number
  /** Pairs of stretches, without telemetry and with it, in one trial: what telemetry adds is far less than they differ by. */
  readonly stretches: number
}

/** Under six minutes for the writes suite, under eight for the signals; the reads were not timed on a calm machine. */
export const fullPace: Pace = {
  rounds: 5,
  warmUpMs: 400,
  windowMs: 1_800,
  mixedWindowMs: 3_000,
  textRows: 100_000,
  blobRows: 100_000,
  mailboxWrites: 1_000_000,
  contentionMs: 10_000,
  lockWaits: 5,
  interrupts: 300,
  tableRows: 1_000_000,
  readsWarmUpMs: 1_500,
  logRows: 40_000,
  stormMs: 60_000,
  stormAloneMs: 8_000,
  stormSyncMs: 20_000,
  blobs: 20_000,
  stretches: 60,
}

/** Under a minute for the writes suite, a little more for the signals: to see a trend, not to quote. */
export const quickPace: Pace = {
  rounds: 3,
  warmUpMs: 100,
  windowMs: 250,
  mixedWindowMs: 500,
  textRows: 100_000,
  blobRows: 10_000,
  mailboxWrites: 100_000,
  contentionMs: 1_500,
  lockWaits: 2,
  interrupts: 60,
  tableRows: 500_000,
  readsWarmUpMs: 1_000,
  logRows: 24_000,
  stormMs: 2_000,
  stormAloneMs: 700,
  stormSyncMs: 4_000,
  blobs: 1_200,
  stretches: 24,
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

/** A trial that has not ended by then is killed: the longest, a minute's storm, takes some 75 seconds. */
export const trialMsMax = 180_000

/** How often a killed trial's folder is tried to be removed, 100 ms apart and more each time. */
export const leftoverTries = 10

/** How often a profile looks: five thousand looks a second cost a few percent and show what takes one. */
export const profileEveryMicros = 200

/** Tick of the event-loop monitor, its finest; what it adds to each delay is taken off again. */
export const loopTickMs = 1

/** Synced writes by which a disk is judged; the first few warm it up. */
export const fsyncTries = { warmUp: 5, measured: 41 } as const

/** One page, as SQLite appends it to its log. */
export const fsyncBytes = 4_096

/** How long a contender may wait for the write lock: what apps commonly set `busy_timeout` to where they mean “do wait”. */
export const lockWaitMsMax = 10_000

/**
 * Two processes that share a lock without fighting for it. SQLite's handler looks again after 1, 2, 5, 10, 15, 20, 25 ms and
 * so on, so it gets its share only of a lock that is free for about half of the time; were it held all the time, one process
 * would keep it and there would be no handovers to compare. Random thinking keeps the two from falling into step.
 */
export const handoverHabit = { rows: 1, holdMs: 5, thinkMs: 5 } as const

/** A transaction as an app has them, again and again without a pause. */
export const fairHabit = { rows: 20, holdMs: 0, thinkMs: 0 } as const

/** Two for each CPU of a small machine. */
export const fairContenders = 4

/** How often a contender listens whether its parent is still there: seldom enough that it shows in no figure. */
export const contenderTurnMs = 50

/** How long a lock is held while another process waits for it: by then SQLite's handler has come to its longest pauses. */
export const lockHeldMs = 1_000

/** A runaway read runs so long before it is aborted, at most: enough to be inside SQLite for sure, in whatever place. */
export const runBeforeAbortMs = 8

/** Rows that a runaway join multiplies with themselves. */
export const runawayRows = 10_000

/** What it may take, at p99, until the connection of an aborted read answers again. */
export const freedMsMax = 5

/** Rows that go into the table that is read at once: some ten megabytes. */
export const tableRowsAtOnce = 50_000

/** Callers who each await point reads one after the other: a busy app, and a connect storm. */
export const pointCallers = { some: 64, many: 512 } as const

/** Raw reads between two turns of the event loop where one caller reads: under 1 ms, so that timers stay true. */
export const serialReadsPerTurn = 32

/** Rows of a wide query, and callers who ask for so many: pages of a list, not an export. */
export const wideRows = 1_000
export const wideCallers = 16

/** People read at this rate beside the scans: it leaves most of one core free, so that what they wait is not for each other. */
export const readArrivalsPerSecond = 500

/** What a slow scan takes alone: long enough to be felt, as a report or a search without an index is. */
export const slowScanMs = 300

/** Tries by which the scan’s range of rows is found; the shortest is the one that nothing else held up. */
export const scanTries = 5

/** What of the table a stream goes through to warm up: a tenth. */
export const streamWarmUpParts = 10

/** A blob of a bulk load, in KiB: the larger of the structured records that a sync brings. */
export const loadBlobKibibytes = 4

/** Rows of one call of a bulk load, and callers that each have one under way: batches as a sync hands them over. */
export const loadBlockRows = 100
export const loadCallers = 6

/** A tenth of a bulk load comes before what is measured. */
export const loadWarmUpParts = 10

/** How often the size of the log is looked at: a log of this load grows by less than a megabyte meanwhile. */
export const logLookMs = 5

/** What the log may come to, at its peak, while a bulk load and overlapping readers are at work. */
export const logPeakMebibytesMax = 64

/** How long a page of reads takes that all see one state, at random from some 20 to 100 ms, and how often it reads meanwhile. */
export const pageOfReads = { msMin: 20, msMax: 100, readEveryMs: 10 } as const

/** Rows that queries beside them go through, so many at random each time: some 20 to 100 ms too. */
export const overlap = { tableRows: 20_000, rowsMin: 4_000, rowsMax: 20_000 } as const

/** How often who pins the log reads another row: a report that is put together piece by piece. */
export const pinReadEveryMs = 10

/** Connections that an app of ours has had, in both of its generations: as many as cores, and twelve at least. */
export const rivalConnections = (cores: number): number => Math.max(cores, 12)

/** The first generation, in which everybody borrowed from one pool. */
export const sharedPool = { blobsPerBatch: 10, checkpointEveryMs: 2_000, checkpointPages: 10_000 } as const

/** The second, with one writer and a queue for peers before it. */
export const splitPool = {
  blobsPerBatch: 100,
  checkpointEveryMs: 1_000,
  truncateAboveBytes: 64 * 1_048_576,
  peersHeldMax: 1_024,
  peersPerBatch: 32,
  peersAgeMsMax: 25,
} as const

/** Of two processes that write as fast as they can, what each is promised of the commits, in percent; half would be even. */
export const shareMin = 30

/** Callers of a busy process, as in the writes suite. */
export const busyCallers = 256

/** Rows of one bulk call beside another process: some milliseconds of the lock, a slice. */
export const bulkRowsShared = 1_000
