import type { Report, WalReport } from '../report.ts'
import { chargeOf, labelsOf, sufferersOf, waitersInWords, worstWait } from './blame.ts'
import type { Severity, WeighedFinding } from './finding.ts'
import { pinningReaders } from './pinning-reader.ts'
import * as limits from './thresholds.ts'
import { bytesOf, durationOf, many, percentOf } from './words.ts'

/** More is written than is copied into the file: the log fails to be emptied, or writes wait for it. */
export function checkpointPressure(report: Report): WeighedFinding[] {
  const { wal } = report
  if (wal === undefined) return []
  if (wal.lastError !== undefined) return [failing(wal, wal.lastError)]
  // Whoever pins the log is the cause then, and the pressure goes with it.
  if (pinningReaders(report).length > 0) return []
  const { ms, share, waiters } = logCharge(report)
  const isBlamed = ms >= limits.waitedMsMin && share >= limits.blameShare
  if (!isBlamed && wal.pressure === 'calm') return []
  const evidence = logEvidence(wal)
  if (isBlamed)
    evidence.push(
      `${durationOf(ms)} of waiting are charged to the log and its checkpoints, ${percentOf(share, 1)} of what suffering labels waited: ${waitersInWords(waiters, 'waiter')}`,
    )
  const waiting = new Set(waiters.map(({ waiter }) => waiter))
  const worst: Severity = isBlamed ? worstWait(report.ledger?.writes ?? [], waiting) : 'low'
  return [
    {
      kind: 'checkpoint-pressure',
      subject: 'log',
      headline:
        wal.pressure === 'calm'
          ? `Writes waited ${durationOf(ms)} for checkpoints`
          : `More is written than can be copied out of the log: lower lanes are held back`,
      evidence,
      remedy:
        'Write less at once: coalesce, skip what is stored already, drop indexes that nothing reads. Raise `wal.softBytes` and `wal.hardBytes` if the disk has room: the log is then copied less often. A disk on which fsync is slow shows here first.',
      severity:
        wal.pressure === 'pinned'
          ? 'high'
          : worst === 'low' && wal.pressure === 'throttling'
            ? 'medium'
            : worst,
      weight: ms,
    },
  ]
}

function failing(wal: WalReport, lastError: string): WeighedFinding {
  return {
    kind: 'checkpoint-pressure',
    subject: 'log',
    headline: `The log can't be copied into the file: ${lastError}`,
    evidence: [`the last checkpoint failed with: ${lastError}`, ...logEvidence(wal)],
    remedy:
      'See to what the error says, free space on the disk first of all: it is tried again every half second, and until it succeeds the log only grows.',
    severity: 'high',
    weight: wal.logBytes,
  }
}

function logEvidence({
  pressure,
  restraint,
  logBytes,
  copiedBytes,
  peakBytes,
  finishes,
  finishMsMax,
}: WalReport): string[] {
  return [
    `the log is ${bytesOf(logBytes)} long, ${bytesOf(copiedBytes)} of it copied; at its longest it was ${bytesOf(peakBytes)}`,
    `it is \`${pressure}\`, lower lanes give up ${percentOf(restraint, 1)} of the writer`,
    `the writer finished ${many(finishes, 'checkpoint')} itself, the longest in ${durationOf(finishMsMax)}`,
  ]
}

function logCharge({ ledger }: Report): ReturnType<typeof chargeOf> {
  if (ledger === undefined) return { ms: 0, share: 0, waiters: [] }
  const suffering = labelsOf(sufferersOf(ledger))
  const [held, copying] = ['(log)', '(checkpoint)'].map((holder) => chargeOf(ledger, holder, suffering))
  const waiters = [...(held?.waiters ?? []), ...(copying?.waiters ?? [])]
  return {
    ms: (held?.ms ?? 0) + (copying?.ms ?? 0),
    share: (held?.share ?? 0) + (copying?.share ?? 0),
    waiters,
  }
}
