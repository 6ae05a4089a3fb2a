import {
  gapMsMax,
  pinAgeMsMin,
  walAgeMsMax,
  walCatchUpBytes,
  walCatchUpLogBytes,
  walCopyBytes,
  walFinishBytes,
  walIdleMs,
  walRestraintFloor,
  walTruncateBytes,
} from '../limits.ts'
import type { ReadClass } from '../readers/read-class.ts'

/** What may pin the log, as far as it is ours: the lease that began first. */
export interface OldestLease {
  readonly readClass: ReadClass
  readonly ageMs: number
  /** It was told to end already. */
  readonly isEnding: boolean
}

/** What the governor goes by. Sizes in bytes, times in milliseconds. */
export interface WalView {
  /** In the log since it last began anew; 0 where the next write will begin it anew. */
  readonly logBytes: number
  /** Of those, not copied into the file yet. */
  readonly leftBytes: number
  /** The most that the log has held since its file was last cut: what the disk sees. */
  readonly fileBytes: number
  /** Since all there was had been copied. */
  readonly uncopiedForMs: number
  /** Since the writer last had anything to do. */
  readonly idleMs: number
  /** How often in a row readers have kept the log from beginning anew. */
  readonly failures: number
  /** One of these was since somebody who was in the way has gone. */
  readonly isTried: boolean
  /** Before that is tried again. */
  readonly retryInMs: number
  /** Before copying is tried again, after a time when nothing could be. */
  readonly copyInMs: number
  /** Something was copied beside the writer since readers last kept the log from beginning anew. */
  readonly hasCopied: boolean
  /** It did not begin anew when none of our readers was at it: somebody else's is. */
  readonly isForeign: boolean
  readonly oldestLease: OldestLease | undefined
  /** Whether there is a thread to copy beside the writer. */
  readonly hasThread: boolean
}

export interface Bounds {
  readonly softBytes: number
  readonly hardBytes: number
}

/**
 * - `copy`: a passive checkpoint in a thread of its own. It disturbs nobody, and never catches up with a busy writer.
 * - `finish`: the writer copies the rest between two batches, so that its next write begins the log anew; with `truncate` the
 *   file is cut as well, which takes up to 100 ms for 130 MB, and so is left for when nobody writes.
 * - `gap`: new leases wait until the running ones have ended; then `finish`.
 * - `end-pin`: the read that pins the log is ended.
 */
export type Decision =
  | { readonly act: 'rest' | 'copy' | 'gap' | 'end-pin' }
  | { readonly act: 'finish'; readonly truncate: boolean }

const rest: Decision = { act: 'rest' }

/** What is to be done about the log now. Pure; docs/wal.md tells the reasons. */
export function decide(view: WalView, bounds: Bounds): Decision {
  if (view.logBytes >= bounds.hardBytes && isPinnedByLease(view)) return { act: 'end-pin' }
  return beginAnew(view, bounds) ?? copyBeside(view, bounds) ?? rest
}

/** The log is long enough to be worth a pause of the writer, or the writer has nothing to do anyway. */
function beginAnew(view: WalView, { softBytes }: Bounds): Decision | undefined {
  const { logBytes, leftBytes, fileBytes, failures, isTried, retryInMs, oldestLease } = view
  // From the soft bound on the writer may be idle because lanes are held back for the log's sake: that is no time to rest.
  const isQuiet = view.idleMs >= walIdleMs && logBytes < softBytes
  // Once all is copied an idle writer needs no more; but a file that has grown is given back.
  const isDue = isQuiet
    ? fileBytes >= walTruncateBytes(softBytes) && leftBytes === 0
    : logBytes >= walFinishBytes(softBytes)
  if (!isDue || retryInMs > 0) return undefined
  if (!isQuiet && failures === 0 && shouldCatchUp(view, softBytes)) return { act: 'copy' }
  if (failures === 0 || logBytes < softBytes / 2) return { act: 'finish', truncate: isQuiet }
  if (!mayGap(view)) return isTried || oldestLease?.isEnding ? undefined : { act: 'finish', truncate: false }
  return shouldCopyFirst(view, softBytes) ? { act: 'copy' } : { act: 'gap' }
}

function copyBeside(view: WalView, { softBytes }: Bounds): Decision | undefined {
  const { leftBytes } = view
  if (leftBytes <= 0 || view.copyInMs > 0) return undefined
  const isDue =
    leftBytes >= walCopyBytes(softBytes) || view.idleMs >= walIdleMs || view.uncopiedForMs >= walAgeMsMax
  if (!isDue) return undefined
  if (view.hasThread) return { act: 'copy' }
  return view.retryInMs > 0 ? undefined : { act: 'finish', truncate: false }
}

/**
 * Whether a gap would help in time: who has read for long already won't be over soon, and others would wait for nothing. Nor
 * is it known when one will be over that was told to end.
 */
function mayGap({ oldestLease }: WalView): boolean {
  if (oldestLease === undefined) return true
  return !oldestLease.isEnding && oldestLease.ageMs <= gapMsMax[oldestLease.readClass]
}

/** Lower lanes pause while the writer finishes: what can be copied before it should be, as long as there is room for more. */
const shouldCatchUp = (view: WalView, softBytes: number): boolean =>
  view.hasThread &&
  view.copyInMs <= 0 &&
  view.leftBytes >= walCatchUpBytes(softBytes) &&
  view.logBytes < walCatchUpLogBytes(softBytes)

/** Readers wait while a gap is open: what can be copied before it should be. */
const shouldCopyFirst = (view: WalView, softBytes: number): boolean =>
  view.hasThread && !view.hasCopied && view.copyInMs <= 0 && view.leftBytes >= walCopyBytes(softBytes)

/**
 * A log can also be long because nobody has come to copying it yet, as after a crash, or after somebody else was ended for it: who
 * reads then is not to blame.
 */
function isPinnedByLease({ isTried, isForeign, oldestLease }: WalView): boolean {
  if (!isTried || isForeign || oldestLease === undefined) return false
  return !oldestLease.isEnding && oldestLease.ageMs >= pinAgeMsMin
}

/**
 * The share of the writer that lower lanes give up: nothing below the soft bound, nearly everything before the hard one,
 * everything at it. Where it is not ours to end what pins the log a little is left to them even then, since a neighbour may
 * stay for hours (promise 5).
 */
export function restraint(view: WalView, { softBytes, hardBytes }: Bounds, inGap = false): number {
  const { logBytes, isForeign } = view
  if (logBytes < softBytes) return 0
  // It is over soon, and the log should not double meanwhile.
  if (inGap) return 1
  if (logBytes >= hardBytes) return isForeign ? 1 - walRestraintFloor : 1
  return Math.min((logBytes - softBytes) / (hardBytes - softBytes), 1 - walRestraintFloor)
}
