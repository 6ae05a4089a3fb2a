/**
 * Bounds of maintenance, each with its reason; the others are in ../limits.ts.
 */

/**
 * How long one step of a backup may take: everybody who writes meanwhile waits for it. Between two steps the writer's thread
 * rests as long, and after a batch as long as an answer takes to bring the next one; where batches never end, a step is taken
 * so often all the same.
 */
export const backupStepMs = 1
export const backupPauseMs = 1
export const backupQuietMs = 1
export const backupHungryMs = 20

/**
 * The last step of a backup writes what SQLite's cache for the copy still holds, up to 16 MB, and waits until the disk has it:
 * some 30 ms on an SSD. So it waits for a moment in which nobody writes, but not for ever.
 */
export const backupLastQuietMs = 50
export const backupLastPatienceMs = 2_000

/**
 * Each second it is looked at how much is left to copy. Where it is no less, steps come twice as often, until a third of the
 * writer's time is the backup's; where it is no less after a minute, the database grows faster than it can be copied.
 */
export const backupLookMs = 1_000
export const backupHungryMsMin = 2
export const backupLosingMs = 60_000

/** Pages of the first step, which knows nothing of the disk yet, and of the longest: 16 MB of 4 KiB pages. */
export const backupStepPagesMin = 16
export const backupStepPagesMax = 4_096

/** Bytes copied before they are sent on to the disk, so that the sync at the end, on the writer's thread, finds few left. */
export const backupSyncBytes = 8 * 1_048_576

/** A backup that another process has made begin anew so often is given up: it would go on for ever. */
export const backupRestartsMax = 10

/** How often a backup tells how far it is. */
export const backupProgressMs = 50

/** What is wrong with a damaged copy is listed up to this length. */
export const backupProblemsMax = 10

/** How long a call to health() waits for its write and its read by default: a person waits about that long for anything. */
export const healthDeadlineMs = 1_000

/** A write or read of health() that takes longer is called slow; a commit that waits for a disk of its own takes some 10 ms. */
export const healthSlowMs = 50

/** A log that is larger than this is called large: reads search it, and the next checkpoint copies it. */
export const healthLogBytes = 64 * 1_048_576
