import type { Report } from '../report.ts'
import { amplifiers } from './amplifier.ts'
import { checkpointPressure } from './checkpoint-pressure.ts'
import { eventLoopBlocked } from './event-loop.ts'
import type { Finding, FindingKind, Severity, WeighedFinding } from './finding.ts'
import { holders } from './holder.ts'
import { neighbours } from './neighbour.ts'
import { pinningReaders } from './pinning-reader.ts'
import { readPools } from './read-pool.ts'
import { scans } from './scan.ts'
import { storms } from './storm.ts'
import { findingsPerKindMax, order } from './thresholds.ts'
import { victims } from './victim.ts'

const judges: Readonly<Record<FindingKind, (report: Report) => WeighedFinding[]>> = {
  holder: holders,
  victim: victims,
  amplifier: amplifiers,
  storm: storms,
  'pinning-reader': pinningReaders,
  'checkpoint-pressure': checkpointPressure,
  neighbour: neighbours,
  'read-pool': readPools,
  scan: scans,
  'event-loop': eventLoopBlocked,
}

const severities: readonly Severity[] = ['high', 'medium', 'low']

/**
 * What is wrong, by a report: who holds the lock, who suffers from it, and what to change, most serious first; of findings that are
 * equally serious causes come before those who suffer from them. None where all is well, and none that rests on a few samples. The
 * report may come from a file or another machine; see `assertReport`. What counts is the whole time since open.
 *
 * @example
 * for (const { headline, remedy } of diagnose(db.report())) console.log(`${headline}. ${remedy}`)
 */
export function diagnose(report: Report): Finding[] {
  const found = order.flatMap((kind) => judges[kind](report).sort(bySeverity).slice(0, findingsPerKindMax))
  return found.sort(bySeverity).map(({ weight: _, ...finding }) => finding)
}

function bySeverity(one: WeighedFinding, other: WeighedFinding): number {
  return (
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    order.indexOf(one.kind) - order.indexOf(other.kind) ||
    other.weight - one.weight ||
    (one.subject < other.subject ? -1 : Number(one.subject > other.subject))
  )
}
