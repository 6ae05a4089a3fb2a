import { laneNames } from '../../mailbox/lane-name.ts'
import type { BlockedReport, LedgerReport, WriteLabelReport } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import { arrivalsOf, holdersOf, sum } from '../verdict/blame.ts'
import { bytesOf, countOf, durationOf, percentOf } from '../verdict/words.ts'
import { type Column, table } from './table.ts'
import { heading, type Page } from './terminal.ts'

/** Rows of each table: what does not fit on a screen is not looked at, and the JSON has all of it. */
export const rowsShownMax = 10

/** `first 10 of 23`, where not all are shown. */
export function shownOf(rows: readonly unknown[]): string {
  return rows.length > rowsShownMax ? `, the first ${rowsShownMax} of ${countOf(rows.length)}` : ''
}

export function laneLines({ lanes, live }: Report, page: Page): string[] {
  const columns: Column<(typeof laneNames)[number]>[] = [
    { title: 'lane', of: (name) => name },
    ...(
      ['depth', 'waiting', 'capacity', 'admitted', 'rejected', 'dropped', 'committed', 'failed'] as const
    ).map((field) => ({
      title: field,
      right: true,
      of: (name: (typeof laneNames)[number]) => countOf(lanes[name][field]),
    })),
    {
      title: 'oldest',
      right: true,
      of: (name) => {
        const oldest = live.oldest[name]
        return oldest === undefined ? '' : durationOf(oldest.waitedMs)
      },
    },
  ]
  return [heading(page, 'Lanes'), ...table(page, columns, laneNames)]
}

const writeColumns: readonly Column<WriteLabelReport>[] = [
  { title: 'label', of: ({ label }) => label, least: 12 },
  { title: 'lane', of: ({ lane }) => (lane === 'background' ? 'backgr.' : lane) },
  { title: 'came', right: true, of: (row) => countOf(arrivalsOf(row)) },
  { title: 'done', right: true, of: ({ committed }) => countOf(committed) },
  { title: 'failed', right: true, of: ({ failed }) => countOf(failed) },
  { title: 'wait p50', right: true, of: ({ queueWait }) => durationOf(queueWait.p50Ms) },
  { title: 'p99', right: true, of: ({ queueWait }) => durationOf(queueWait.p99Ms) },
  { title: 'hold p50', right: true, of: ({ hold }) => durationOf(hold.p50Ms) },
  { title: 'p99', right: true, of: ({ hold }) => durationOf(hold.p99Ms) },
  { title: 'lock', right: true, of: ({ lockShare }) => percentOf(lockShare, 1) },
  { title: 'bytes', right: true, of: ({ bytes }) => bytesOf(bytes) },
]

export function writeLines({ writes }: LedgerReport, page: Page): string[] {
  if (writes.length === 0) return [heading(page, 'Writes'), '  none']
  return [
    heading(page, `Writes by label, longest hold in all first${shownOf(writes)}`),
    ...table(page, writeColumns, writes.slice(0, rowsShownMax)),
  ]
}

export function blockedLines(ledger: LedgerReport, page: Page): string[] {
  const { blocked } = ledger
  if (blocked.length === 0) return [heading(page, 'Who waited for whom'), '  nobody waited']
  const columns: Column<BlockedReport>[] = [
    { title: 'waiter', of: ({ waiter }) => waiter, least: 12 },
    { title: 'held by', of: ({ holder }) => holder, least: 12 },
    { title: 'waited', right: true, of: ({ waitedMs }) => durationOf(waitedMs) },
    {
      title: 'of its waits',
      right: true,
      of: ({ waiter, waitedMs }) => percentOf(waitedMs, sum(holdersOf(ledger, waiter))),
    },
  ]
  return [
    heading(page, `Who waited for whom, longest first${shownOf(blocked)}`),
    ...table(page, columns, blocked.slice(0, rowsShownMax)),
  ]
}
