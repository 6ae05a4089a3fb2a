import type { Report, WalReport } from '../report.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { bytesOf, durationOf, many, named, percentOf } from './words.ts'

/** A read that keeps the log from beginning anew. */
export function pinningReaders(report: Report): WeighedFinding[] {
  const { wal } = report
  if (wal === undefined) return []
  const { oldestLease, pressure, pinsEnded, failures } = wal
  const pinsNow = pressure !== 'calm' && oldestLease !== undefined && oldestLease.ageMs >= limits.pinningMs
  if (pinsNow && oldestLease !== undefined) return [ours(report, wal, oldestLease)]
  if (pinsEnded > 0) return [ended(report, wal)]
  if (pressure !== 'calm' && failures >= limits.spoiledGapsMin) return [unseen(report, wal)]
  return []
}

function ours(report: Report, wal: WalReport, lease: NonNullable<WalReport['oldestLease']>): WeighedFinding {
  const label = lease.label ?? 'unlabelled'
  return {
    kind: 'pinning-reader',
    subject: label,
    headline: `${named(label)} has read for ${durationOf(lease.ageMs)}, and the log can't begin anew until it ends`,
    evidence: [
      `${named(label)} has been on ${lease.reader} for ${durationOf(lease.ageMs)}`,
      ...logEvidence(report, wal),
    ],
    remedy: `${shorter} Or give it an \`ageMsMax\`, after which it ends.`,
    severity: wal.pressure === 'pinned' ? 'high' : 'medium',
    weight: lease.ageMs,
  }
}

function ended(report: Report, wal: WalReport): WeighedFinding {
  const slowest = longestLease(report)
  const evidence = [
    `${many(wal.pinsEnded, 'read')} ended with \`wal-pinned\`, since the log had reached its hard bound`,
    ...logEvidence(report, wal),
  ]
  if (slowest !== undefined)
    evidence.push(`the longest read of ${named(slowest.label)} took ${durationOf(slowest.ms)}`)
  return {
    kind: 'pinning-reader',
    subject: slowest?.label ?? 'readers',
    headline: `${many(wal.pinsEnded, 'read')} kept the log at its hard bound and had to be ended`,
    evidence,
    remedy: `${shorter} The errors \`wal-pinned\`, and the event of that name, say which reads they were.`,
    severity: wal.pressure === 'calm' ? 'medium' : 'high',
    weight: slowest?.ms ?? wal.pinsEnded,
  }
}

/** No reader of ours is old enough, and yet the log never begins anew: somebody reads whom the governor can't see. */
function unseen(report: Report, wal: WalReport): WeighedFinding {
  const { inThread, changedOutside } = report
  const evidence = [
    `the log was to begin anew ${many(wal.failures, 'time')} in a row, and readers kept it from that; the oldest of ours is ${durationOf(wal.oldestLease?.ageMs ?? 0)} old`,
    ...logEvidence(report, wal),
  ]
  if (changedOutside.noticed > 0)
    evidence.push(`another process was seen to commit ${many(changedOutside.noticed, 'time')}`)
  if (inThread !== undefined && inThread.reads > 0)
    evidence.push(
      `${many(inThread.reads, 'read')} ran in the app's thread, the longest ${durationOf(inThread.longestMs)}`,
    )
  return {
    kind: 'pinning-reader',
    subject: 'a reader outside',
    headline: 'A reader that is none of ours keeps the log from beginning anew',
    evidence,
    remedy: `Find the process with \`fuser\` or \`lsof\` on ${report.file}-wal, and let it end its read; give tools a copy instead of the live file. A read in the app's thread that is left open does the same.`,
    severity: wal.pressure === 'pinned' ? 'high' : 'medium',
    weight: wal.failures,
  }
}

const shorter =
  'Read less at a time: page by key (`where id > ? order by id limit 500`) instead of one long snapshot or stream, and take a stream’s rows as they come.'

function logEvidence({ lanes }: Report, wal: WalReport): string[] {
  const { logBytes, copiedBytes, peakBytes, pressure, restraint } = wal
  const held = lanes.sync.depth + lanes.background.depth
  return [
    `the log is ${bytesOf(logBytes)} long, ${bytesOf(copiedBytes)} of it copied; at its longest it was ${bytesOf(peakBytes)}`,
    pressure === 'calm'
      ? 'it is calm now'
      : `it is \`${pressure}\`: lower lanes, with ${many(held, 'write')} waiting, give up ${percentOf(restraint, 1)} of the writer`,
  ]
}

function longestLease({ ledger }: Report): { label: string; ms: number } | undefined {
  const [longest] = [...(ledger?.reads ?? [])].sort((one, other) => other.run.maxMs - one.run.maxMs)
  return longest === undefined || longest.run.maxMs < limits.pinningMs
    ? undefined
    : { label: longest.label, ms: longest.run.maxMs }
}
