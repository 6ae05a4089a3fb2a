import type { LedgerReport, WriteLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import { quantilesInWords, severityOfWait } from './blame.ts'
import type { WeighedFinding } from './finding.ts'
import * as limits from './thresholds.ts'
import { durationOf, many, named } from './words.ts'

/** Another process has the lock, and our writes wait for it. */
export function neighbours(report: Report): WeighedFinding[] {
  const { ledger, signals } = report
  const rows = ledger === undefined ? [] : delayedRows(ledger)
  const waits = signals.lockWaits
  const waitsLong =
    waits !== undefined &&
    waits.waits >= limits.samplesMin &&
    waits.waitedMs >= Math.max(limits.waitedMsMin, limits.lockWaitMs * waits.waits)
  if (rows.length === 0 && !waitsLong) return []
  return [finding(report, rows)]
}

function delayedRows(ledger: LedgerReport): WriteLabelReport[] {
  return ledger.writes
    .filter(
      ({ lane, beginWait }) =>
        beginWait.count >= limits.samplesMin &&
        beginWait.totalMs >= limits.waitedMsMin &&
        beginWait.p99Ms >= limits.sufferingMs[lane],
    )
    .sort((one, other) => other.beginWait.totalMs - one.beginWait.totalMs)
}

function finding(report: Report, rows: readonly WriteLabelReport[]): WeighedFinding {
  const { ledger, signals, changedOutside, busy, file } = report
  const [worst] = rows
  const waits = signals.lockWaits
  const evidence: string[] = []
  if (worst !== undefined)
    evidence.push(
      `${named(worst.label)} waited for the lock itself, ${many(worst.beginWait.count, 'time')}: ${quantilesInWords(worst.beginWait)}`,
    )
  if (waits !== undefined && waits.waits > 0)
    evidence.push(
      `the writer waited ${many(waits.waits, 'time')} for it, ${durationOf(waits.waitedMs)} in all, ${many(waits.timedOut, 'time')} in vain`,
    )
  const charged = (ledger?.blocked ?? [])
    .filter(({ holder }) => holder === '(another process)')
    .reduce((all, { waitedMs }) => all + waitedMs, 0)
  if (charged > 0)
    evidence.push(`${durationOf(charged)} of waiting in the lanes are charged to another process`)
  const met = Object.values(busy).reduce((all, count) => all + count, 0)
  if (met > 0) evidence.push(`SQLite answered busy ${many(met, 'time')}`)
  if (changedOutside.noticed > 0)
    evidence.push(`another process was seen to commit ${many(changedOutside.noticed, 'time')}`)
  return {
    kind: 'neighbour',
    subject: 'another process',
    headline: `Another process holds the write lock, and writes wait ${worst === undefined ? 'for it' : `up to ${durationOf(worst.beginWait.maxMs)} for it`}`,
    evidence,
    remedy: `Find it with \`fuser\` or \`lsof\` on ${file}. Give tools a copy (a backup, \`VACUUM INTO\`) instead of the live file; let the other program write in short transactions, and begin them last.${advice(signals.waiting)}`,
    severity: worst === undefined ? 'medium' : severityOfWait(worst.lane, worst.beginWait.p99Ms),
    weight: Math.max(charged, waits?.waitedMs ?? 0, countedMs(rows)),
  }
}

function countedMs(rows: readonly WriteLabelReport[]): number {
  return rows.reduce((all, { beginWait }) => all + beginWait.totalMs, 0)
}

function advice(waiting: Report['signals']['waiting']): string {
  return waiting === 'none'
    ? ' If it is Lockkeeper too, @lockkeeper/signals in both wakes the one when the other releases the lock.'
    : ''
}
