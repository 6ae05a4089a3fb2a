import type { Durations, WriteLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import {
  type Charge,
  chargedInWords,
  chargeOf,
  labelsOf,
  mainRows,
  quantilesInWords,
  sufferersOf,
  worstWait,
} from './blame.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { durationOf, many, named, percentOf, ratioOf } from './words.ts'

/** Who holds the lock long, and makes others wait by it. */
export function holders({ ledger, overstays }: Report): WeighedFinding[] {
  if (ledger === undefined) return []
  const suffering = labelsOf(sufferersOf(ledger))
  const everybody = labelsOf(ledger.writes.filter(({ lane }) => lane !== 'background'))
  return mainRows(ledger).flatMap((row) => {
    if (ratioOf(timeInLongHolds(row.hold), row.hold.totalMs) < limits.longHoldShare) return []
    const among = row.hold.maxMs >= limits.hugeHoldMs ? everybody : suffering
    const charge = chargeOf(ledger, row.label, among)
    if (charge.ms < limits.waitedMsMin || charge.share < limits.blameShare) return []
    return [finding(row, charge, overstays[row.label], worstWait(ledger.writes, waitersOf(charge)))]
  })
}

/**
 * At least so much of all holding was in long holds, by two bounds. From below: half of all holds are as long as the p50 or longer,
 * a tenth as the p90, and so on. From above: the lower half are no longer than the p50, the next two fifths no longer than the p90,
 * and what they can have come to as short ones is taken off the total.
 */
export function timeInLongHolds({ count, totalMs, p50Ms, p90Ms, p99Ms, maxMs }: Durations): number {
  const long = (ms: number): number => (ms >= limits.longHoldMs ? ms : 0)
  const short = (ms: number): number => Math.min(ms, limits.longHoldMs)
  const provenMs = count * (0.4 * long(p50Ms) + 0.09 * long(p90Ms) + 0.01 * long(p99Ms))
  const shortMs =
    count * (0.5 * short(p50Ms) + 0.4 * short(p90Ms) + 0.09 * short(p99Ms) + 0.01 * short(maxMs))
  return Math.max(provenMs, totalMs - shortMs, long(maxMs))
}

function finding(
  row: WriteLabelReport,
  charge: Charge,
  overstay: Report['overstays'][string] | undefined,
  severity: WeighedFinding['severity'],
): WeighedFinding {
  const { label, hold, lockShare } = row
  const evidence = [
    `${many(hold.count, 'write')} held the lock: ${quantilesInWords(hold)}; ${percentOf(lockShare, 1)} of the time since open`,
    chargedInWords(charge),
  ]
  if (row.rows > 0) evidence.push(`${many(ratioOf(row.rows, hold.count), 'row')} a write`)
  if (overstay !== undefined && overstay.count > 0)
    evidence.push(
      `it overstayed its lane's slice ${many(overstay.count, 'time')}, once by a hold of ${durationOf(overstay.longestMs)}`,
    )
  return {
    kind: 'holder',
    subject: label,
    headline: `${named(label)} holds the write lock for ${durationOf(typicalMs(hold))} at a time, and others wait for it`,
    evidence,
    remedy: remedyFor(row),
    severity,
    weight: charge.ms,
  }
}

/** What a person would call the length of its holds: the usual one where that is long already. */
function typicalMs({ p50Ms, p90Ms, p99Ms, maxMs }: Durations): number {
  return [p50Ms, p90Ms, p99Ms].find((quantile) => quantile >= limits.longHoldMs) ?? maxMs
}

function remedyFor({ lane, rows, hold }: WriteLabelReport): string {
  const sliceMs = limits.tinyHoldMs
  const rowsInSlice = Math.floor(ratioOf(rows * sliceMs, hold.totalMs))
  const pieces =
    rows > 0 && rowsInSlice > 0
      ? `Write it in pieces of about ${many(rowsInSlice, 'row')}, which hold the lock for one slice (${sliceMs} ms)`
      : `Write it in pieces that hold the lock for one slice (${sliceMs} ms)`
  const urgency =
    lane === 'user'
      ? ', in the lane `sync`, so that users pass between them'
      : ', so that users pass between them'
  return `${pieces}${urgency}; make long work a job that yields. Decode, hash and fetch before the write, not in it.`
}

function waitersOf({ waiters }: Charge): Set<string> {
  return new Set(waiters.map(({ waiter }) => waiter))
}
