import type { LedgerReport, WriteLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import {
  arrivalsOf,
  type Charge,
  chargedInWords,
  chargeOf,
  holdersOf,
  isLabel,
  labelsOf,
  mainRows,
  quantilesInWords,
  sufferersOf,
  sum,
  worstWait,
} from './blame.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { bytesOf, countOf, digitsOf, many, named, percentOf, rateOf, ratioOf } from './words.ts'

/** Who makes a queue long with many tiny writes, that would be one in company. */
export function amplifiers({ ledger }: Report): WeighedFinding[] {
  if (ledger === undefined) return []
  const suffering = labelsOf(sufferersOf(ledger))
  const allArrivals = ledger.writes.reduce((all, row) => all + arrivalsOf(row), 0)
  return mainRows(ledger).flatMap((row) => {
    const charge = chargeOf(ledger, row.label, suffering)
    const isBlamed = charge.ms >= limits.waitedMsMin && charge.share >= limits.blameShare
    if (!isTiny(row) || !isMany(row, ledger, allArrivals)) return []
    if (!isBlamed && !(suffering.has(row.label) && waitsForWrites(ledger, row.label))) return []
    return [finding(row, ledger, allArrivals, isBlamed ? charge : undefined)]
  })
}

/** Its own among them. Where it waits for a checkpoint, the app or another process, fewer writes would wait as long. */
function waitsForWrites(ledger: LedgerReport, label: string): boolean {
  const all = holdersOf(ledger, label)
  return sum(all.filter(({ holder }) => isLabel(holder))) >= limits.victimShare * sum(all)
}

function isTiny({ hold, rows }: WriteLabelReport): boolean {
  return (
    hold.count >= limits.samplesMin &&
    hold.p90Ms <= limits.tinyHoldMs &&
    rows <= limits.tinyRowsMax * hold.count
  )
}

function isMany(row: WriteLabelReport, { ageMs }: LedgerReport, allArrivals: number): boolean {
  const arrivals = arrivalsOf(row)
  return (
    arrivals >= limits.tinyWritesMin &&
    ratioOf(arrivals, ageMs / 1_000) >= limits.tinyWritesPerSecondMin &&
    ratioOf(arrivals, allArrivals) >= limits.tinyWritesShare &&
    row.coalesced <= limits.coalescedShare * arrivals
  )
}

function finding(
  row: WriteLabelReport,
  ledger: LedgerReport,
  allArrivals: number,
  charge: Charge | undefined,
): WeighedFinding {
  const { label, lane, hold, queueWait, rows, bytes, coalesced } = row
  const arrivals = arrivalsOf(row)
  const rowsEach = digitsOf(ratioOf(rows, hold.count))
  const size = rows > 0 ? `, ${rowsEach} ${rowsEach === '1' ? 'row' : 'rows'}` : ''
  const evidence = [
    `${many(arrivals, 'write')} came, ${rateOf(arrivals, ledger.ageMs)}: ${percentOf(arrivals, allArrivals)} of all; ${countOf(coalesced)} were merged`,
    `each is tiny: it holds the lock ${quantilesInWords(hold)}${size}, ${bytesOf(ratioOf(bytes, row.committed))}`,
    charge === undefined ? `and yet they waited: ${quantilesInWords(queueWait)}` : chargedInWords(charge),
  ]
  const who = new Set(charge?.waiters.map(({ waiter }) => waiter) ?? []).add(label)
  return {
    kind: 'amplifier',
    subject: label,
    headline:
      charge === undefined
        ? `${many(arrivals, 'tiny write')} of ${named(label)} wait one by one`
        : `${named(label)} makes the queue long: ${many(arrivals, 'tiny write')}, each on its own`,
    evidence,
    remedy: `Put them through a coalescer, newest value by key, flushed together${lane === 'background' ? '' : ' in the lane `background`'}: many of them become one write, and no caller waits. If each one counts, gather them and use \`db.writeMany\`.`,
    severity: worstWait(ledger.writes, who),
    weight: charge?.ms ?? queueWait.totalMs,
  }
}
