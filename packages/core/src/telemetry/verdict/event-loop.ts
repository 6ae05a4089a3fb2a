import type { LedgerReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import {
  type Charge,
  chargeOf,
  labelsOf,
  quantilesInWords,
  severityOfWait,
  sufferersOf,
  waitersInWords,
  worstWait,
} from './blame.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { countOf, durationOf, many, named, percentOf } from './words.ts'

/** The app's own thread is busy with something, so that neither work is posted nor answers are taken. */
export function eventLoopBlocked(report: Report): WeighedFinding[] {
  const { ledger, inThread } = report
  if (ledger === undefined) return []
  const { eventLoop } = ledger
  const charge = chargeOf(ledger, '(app)', labelsOf(sufferersOf(ledger)))
  if (!isLate(ledger) && !hasStoodStill(ledger, charge)) return []
  const evidence = [
    `looked at ${countOf(eventLoop.count)} times, the event loop was late by p50 ${durationOf(eventLoop.p50Ms)}, p90 ${durationOf(eventLoop.p90Ms)}, ${quantilesInWords(eventLoop).replace(/^[^,]+, /, '')}`,
  ]
  if (charge.ms > 0)
    evidence.push(
      `${durationOf(charge.ms)} of waiting, ${percentOf(charge.share, 1)} of what suffering labels waited, went by with the lock free: ${waitersInWords(charge.waiters, 'waiter')}`,
    )
  const read = inThread !== undefined && inThread.longestMs >= limits.eventLoopMs ? inThread : undefined
  if (read !== undefined)
    evidence.push(
      `${many(read.slow, 'read')} in the app's thread held it too long, ${named(read.longestLabel ?? 'unlabelled')} for ${durationOf(read.longestMs)}`,
    )
  return [
    {
      kind: 'event-loop',
      subject: read?.longestLabel ?? 'app',
      headline: `The app blocks its own event loop, for ${durationOf(eventLoop.maxMs)} at worst`,
      evidence,
      remedy:
        read === undefined
          ? 'Look for what computes in the app’s thread (`node --cpu-prof`): decoding, hashing, large JSON. Do it in pieces or in a worker. Until then every wait here is too long, whatever the lock does.'
          : `Read ${named(read.longestLabel ?? 'unlabelled')} with \`db.read\` instead, which a reader's thread answers; keep reads in the app's thread for rows found by key.`,
      severity: isLate(ledger)
        ? severityOfWait('user', eventLoop.p99Ms)
        : worstWait(ledger.writes, new Set(charge.waiters.map(({ waiter }) => waiter))),
      weight: Math.max(charge.ms, eventLoop.maxMs),
    },
  ]
}

/**
 * While it stands still it is looked at once: five seconds in a minute are five looks of five thousand, and in no quantile. What
 * writes waited meanwhile tells.
 */
function hasStoodStill({ eventLoop }: LedgerReport, { ms, share }: Charge): boolean {
  return (
    eventLoop.count >= limits.eventLoopLooksMin &&
    eventLoop.maxMs >= limits.eventLoopStillMs &&
    ms >= limits.waitedMsMin &&
    share >= limits.blameShare
  )
}

/** Reads wait for a late event loop as well, whatever their readers do: so their judge asks too. */
export function isLate({ eventLoop }: LedgerReport): boolean {
  return eventLoop.count >= limits.eventLoopLooksMin && eventLoop.p99Ms >= limits.eventLoopMs
}
