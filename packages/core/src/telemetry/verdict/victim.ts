import type { BlockedReport, LedgerReport, WriteLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import {
  arrivalsOf,
  holdersOf,
  isLabel,
  quantilesInWords,
  severityOfWait,
  sufferersOf,
  sum,
  waitersInWords,
} from './blame.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { countOf, durationOf, listOf, named, ratioOf } from './words.ts'

/** Who waits far longer than it holds, for others. */
export function victims({ ledger }: Report): WeighedFinding[] {
  if (ledger === undefined) return []
  return sufferersOf(ledger).flatMap((row) => {
    if (row.queueWait.totalMs < limits.victimRatio * row.hold.totalMs) return []
    const all = holdersOf(ledger, row.label)
    const labels = all.filter(({ holder }) => isLabel(holder))
    const others = labels.filter(({ holder }) => holder !== row.label)
    // Where it waits for what is no label, the finding about that says so; by what is left, for others or for itself.
    if (sum(labels) < limits.victimShare * sum(all)) return []
    if (others.length === 0 || sum(others) < limits.victimShare * sum(labels)) return []
    return [finding(ledger, row, others, sum(all))]
  })
}

function finding(
  ledger: LedgerReport,
  row: WriteLabelReport,
  others: readonly BlockedReport[],
  waitedMs: number,
): WeighedFinding {
  const { label, lane, queueWait, hold, failed } = row
  const times = ratioOf(queueWait.totalMs, hold.totalMs)
  const evidence = [
    `it waited in the lane \`${lane}\`: ${quantilesInWords(queueWait)}; it held the lock: ${quantilesInWords(hold)}`,
    times > 0
      ? `${durationOf(queueWait.totalMs)} of waiting for ${durationOf(hold.totalMs)} of holding, ${countOf(times)} times as much`
      : `${durationOf(queueWait.totalMs)} of waiting, and it never held the lock`,
    `it waited for ${waitersInWords(others, 'holder')}, of ${durationOf(waitedMs)} in all`,
  ]
  if (failed > 0) evidence.push(`${countOf(failed)} of ${countOf(arrivalsOf(row))} writes failed`)
  return {
    kind: 'victim',
    subject: label,
    headline: `${named(label)} waits ${durationOf(queueWait.p99Ms)} for a write that holds the lock for ${durationOf(hold.p50Ms)}`,
    evidence,
    remedy: remedyFor(ledger, row, others),
    severity: severityOfWait(lane, queueWait.p99Ms),
    weight: queueWait.totalMs,
  }
}

function remedyFor(
  ledger: LedgerReport,
  { label, lane }: WriteLabelReport,
  others: readonly BlockedReport[],
): string {
  const main = others.filter(({ waitedMs }) => waitedMs >= limits.blameShare * sum(others)).slice(0, 3)
  const causes = listOf(main.map(({ holder }) => named(holder)))
  const isUserLane = (holder: string): boolean =>
    ledger.writes.some((row) => row.label === holder && row.lane === 'user')
  const ease = `It does nothing wrong itself: ease ${causes === '' ? 'those it waits for' : causes}.`
  if (lane !== 'user') return `${ease} If somebody waits for ${named(label)}, write it in the lane \`user\`.`
  if (main.some(({ holder }) => isUserLane(holder)))
    return `${ease} Those of them that nobody waits for belong in the lane \`sync\` or \`background\`. If nobody needs its outcome either, offer it (\`db.offer\`, a coalescer), and its caller never waits.`
  return `${ease} If nobody needs its outcome, offer it (\`db.offer\`, a coalescer), and its caller never waits.`
}
