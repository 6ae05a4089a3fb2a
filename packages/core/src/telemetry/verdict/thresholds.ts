/**
 * From where on something is a finding, each with its reason; `docs/verdict.md` says how they are put together. A busy database
 * that keeps to its slices stays below all of them: `fixtures/situations/calm.ts` is one.
 */
import { gapMsMax, laneDefaults } from '../../limits.ts'
import type { LaneName } from '../../mailbox/lane-name.ts'
import type { FindingKind } from './finding.ts'

/** Waits, reads or runs of a label before its quantiles mean anything: with fewer, one cold start would be the p99. */
export const samplesMin = 20

/** What has to have been waited in all, in milliseconds. Less is not worth anybody's reading. */
export const waitedMsMin = 1_000

/**
 * The p99 wait from which a lane's callers suffer. A user's action does several writes, and a person notices 100 ms. Bulk has
 * its turn every 250 ms and best effort every 500 (`waitMsMax`), so four and ten turns missed are no accident.
 */
export const sufferingMs: Readonly<Record<LaneName, number>> = {
  user: 50,
  sync: 4 * laneDefaults.sync.waitMsMax,
  background: 10 * laneDefaults.background.waitMsMax,
}

/** Times that threshold: at 1 s in the user lane people give up, at 200 ms they notice. */
export const highFrom = 20
export const mediumFrom = 4

/** A hold so long is four slices of a lane: what promise 4 lets a user wait for would be over by then. */
export const longHoldMs = 4 * laneDefaults.user.sliceMs

/**
 * The part of a label's holding that has to be in long holds, so that one slow fsync makes nobody a holder. Quantiles prove half of
 * it where all holds are equally long and just long, so this is less.
 */
export const longHoldShare = 0.4

/** One hold so long is worth telling, however few waited and however rare it is among good ones. */
export const hugeHoldMs = 1_000

/** Of all that suffering labels waited: whoever is charged with less is not the cause. */
export const blameShare = 0.1

/** A victim waits so many times as long as it holds. A writer among equals waits for the others: two, three times as long. */
export const victimRatio = 10

/** Of a victim's waits: what other labels have to be charged with. Else it waits for itself, or for something named elsewhere. */
export const victimShare = 0.5

/** An amplifier's writes: so many, so often, of so much of all that arrives. Fewer would save nothing when put together. */
export const tinyWritesMin = 1_000
export const tinyWritesPerSecondMin = 1
export const tinyWritesShare = 0.1

/** What makes a write tiny: several of them fit into one slice, and each changes a few rows. */
export const tinyHoldMs = laneDefaults.user.sliceMs
export const tinyRowsMax = 10

/** Above this part of its arrivals merged already, an amplifier has been dealt with. */
export const coalescedShare = 0.1

/** Writes turned away by a full lane: a hundred, and one of a hundred, are no hiccup. */
export const turnedAwayMin = 100
export const turnedAwayShare = 0.01

/**
 * Waiting writes, as part of the lane's capacity, from which it does not keep up. Half of a full user lane is thousands of people;
 * bulk fills its lane as it should, and waits outside of it, so half as much again.
 */
export const backlogShare: Readonly<Record<LaneName, number>> = { user: 0.5, sync: 1.5, background: 1.5 }

/** A wait for the lock itself, on average, where no label tells: two slices of another Lockkeeper. */
export const lockWaitMs = 2 * laneDefaults.user.sliceMs

/** A reader that a gap of the log could not outwait. Younger ones can't be what keeps the log from beginning anew. */
export const pinningMs = gapMsMax.background

/** Gaps in a row that readers spoiled, before somebody unseen is suspected. The governor's first tries meet ordinary reads. */
export const spoiledGapsMin = 3

/** What a read waits for a reader, at its p90, before it is worth telling: more than a frame of a screen. */
export const readWaitMs = 20

/** Reads of a label before its class of readers is judged. */
export const readsMin = 100

/** The time reads wait, as a multiple of the time they run. At twice, more than two thirds of a read is waiting. */
export const readWaitRatio = 2

/** Of the time that a class's readers run: from here on labels with long reads are the reason, not the number of readers. */
export const readHogShare = 0.5

/** So many of those labels are named: more at once nobody mends. */
export const readHogsMax = 3

/** Rows that one run steps over. Fewer cost a millisecond at most, and small tables are scanned by design. */
export const scanStepsMin = 1_000

/** What all its runs took, and what one takes on average or at worst: a rare scan that is over within a slice harms nobody. */
export const scanTotalMsMin = 1_000
export const scanRunMsMin = laneDefaults.user.sliceMs
export const scanLongMs = 1_000

/** A scan with a plan, but no counts, is told of when it was slow so often. */
export const slowScansMin = 3

/** How late the event loop is, at its p99, before it is blocked: three frames of a screen, in one of a hundred looks. */
export const eventLoopMs = 50

/** One block so long is worth telling where writes waited for it, however few of all looks it was: people wait for all of it. */
export const eventLoopStillMs = 1_000

/** Looks at the event loop: ten seconds' worth, at one each 10 ms, so that a start, which loads modules, is none. */
export const eventLoopLooksMin = 1_000

/** Findings of one kind: the worst name what to do first, the rest tends to go away with them. */
export const findingsPerKindMax = 5

/** Where two are equally severe, causes come before those who suffer from them. */
export const order: readonly FindingKind[] = [
  'event-loop',
  'neighbour',
  'pinning-reader',
  'checkpoint-pressure',
  'holder',
  'scan',
  'storm',
  'amplifier',
  'read-pool',
  'victim',
]
