import type { BlockedReport, Durations, LedgerReport, WriteLabelReport } from '../ledger-report.ts'
import type { Severity } from './finding.ts'
import * as limits from './thresholds.ts'
import { durationOf, many, named, percentOf, ratioOf } from './words.ts'

/** What suffering labels waited because of one holder, what it waited itself left aside. */
export interface Charge {
  readonly ms: number
  /** Of all that they waited, from 0 to 1. */
  readonly share: number
  /** Who waited, longest first. */
  readonly waiters: readonly BlockedReport[]
}

/** `(app)`, `(log)` and their like stand for what is no label: somebody else is to blame then. */
export function isLabel(holder: string): boolean {
  return !/^\(.*\)$/s.test(holder)
}

/** The writes whose callers wait too long, those that waited longest in all first. */
export function sufferersOf(ledger: LedgerReport): WriteLabelReport[] {
  return ledger.writes
    .filter(
      ({ lane, queueWait }) =>
        queueWait.count >= limits.samplesMin &&
        queueWait.totalMs >= limits.waitedMsMin &&
        queueWait.p99Ms >= limits.sufferingMs[lane],
    )
    .sort((one, other) => other.queueWait.totalMs - one.queueWait.totalMs)
}

/** What the given labels waited because of a holder. What it waited for itself is its own affair; what they waited for themselves counts. */
export function chargeOf(ledger: LedgerReport, holder: string, waiting: ReadonlySet<string>): Charge {
  const among = ledger.blocked.filter(({ waiter }) => waiting.has(waiter) && waiter !== holder)
  const waiters = longestFirst(among.filter((entry) => entry.holder === holder))
  const ms = sum(waiters)
  return { ms, share: ratioOf(ms, sum(among)), waiters }
}

/** What one label waited for, longest first. */
export function holdersOf(ledger: LedgerReport, waiter: string): BlockedReport[] {
  return longestFirst(ledger.blocked.filter((entry) => entry.waiter === waiter))
}

export function labelsOf(rows: readonly WriteLabelReport[]): Set<string> {
  return new Set(rows.map(({ label }) => label))
}

/** One row for each label: of the lane in which it held the lock longest, since charges don't tell lanes apart. */
export function mainRows(ledger: LedgerReport): WriteLabelReport[] {
  const rows = new Map<string, WriteLabelReport>()
  for (const row of ledger.writes) {
    const known = rows.get(row.label)
    if (known === undefined || row.hold.totalMs > known.hold.totalMs) rows.set(row.label, row)
  }
  return [...rows.values()]
}

/** Causes by which a best-effort write, or a coalescer's value, is lost before it is admitted; others are among the admitted. */
const turnedAwayBy = ['lane-full', 'queue-full']

/** All that came to the mailbox for a label. */
export function arrivalsOf({ admitted, rejected, dropped }: WriteLabelReport): number {
  return turnedAwayBy.reduce((all, cause) => all + (dropped[cause] ?? 0), admitted + rejected)
}

/** How bad a wait is for those in its lane. */
export function severityOfWait(lane: WriteLabelReport['lane'], waitMs: number): Severity {
  const times = waitMs / limits.sufferingMs[lane]
  if (times >= limits.highFrom) return 'high'
  return times >= limits.mediumFrom ? 'medium' : 'low'
}

/** How bad it is for the worst off among some labels. */
export function worstWait(rows: readonly WriteLabelReport[], among: ReadonlySet<string>): Severity {
  const severities = rows
    .filter(({ label }) => among.has(label))
    .map(({ lane, queueWait }) => severityOfWait(lane, queueWait.p99Ms))
  return (['high', 'medium'] as const).find((severity) => severities.includes(severity)) ?? 'low'
}

export function sum(entries: readonly BlockedReport[]): number {
  return entries.reduce((all, { waitedMs }) => all + waitedMs, 0)
}

/** `` `peers.connect` 52 s, `notes.save` 9.9 s and 3 more``. */
export function waitersInWords(charges: readonly BlockedReport[], name: 'waiter' | 'holder'): string {
  const shown = charges.slice(0, 3).map((entry) => `${nameOf(entry[name])} ${durationOf(entry.waitedMs)}`)
  const rest = charges.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${many(rest, 'other')}` : shown.join(', ')
}

export function chargedInWords({ ms, share, waiters }: Charge): string {
  return `${durationOf(ms)} of waiting are charged to it, ${percentOf(share, 1)} of what other suffering labels waited: ${waitersInWords(waiters, 'waiter')}`
}

export function quantilesInWords({ p50Ms, p99Ms, maxMs }: Durations): string {
  return `p50 ${durationOf(p50Ms)}, p99 ${durationOf(p99Ms)}, longest ${durationOf(maxMs)}`
}

function nameOf(holder: string): string {
  return isLabel(holder) ? named(holder) : holder
}

function longestFirst(charges: readonly BlockedReport[]): BlockedReport[] {
  return [...charges].sort((one, other) => other.waitedMs - one.waitedMs)
}
