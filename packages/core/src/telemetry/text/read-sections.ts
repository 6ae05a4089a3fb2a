import { laneNames } from '../../mailbox/lane-name.ts'
import { readClasses } from '../../readers/read-class.ts'
import type { LedgerReport, ReadLabelReport, SlowEntry } from '../ledger-report.ts'
import type { Report } from '../report.ts'
import { bytesOf, countOf, durationOf, many, percentOf } from '../verdict/words.ts'
import { hung } from './findings.ts'
import { type Column, table } from './table.ts'
import { clean, clip, heading, type Page } from './terminal.ts'
import { rowsShownMax, shownOf } from './write-sections.ts'

const readColumns: readonly Column<ReadLabelReport>[] = [
  { title: 'label', of: ({ label }) => label, least: 12 },
  { title: 'class', of: (row) => (row.class === 'background' ? 'backgr.' : 'interact.') },
  { title: 'done', right: true, of: ({ answered }) => countOf(answered) },
  { title: 'failed', right: true, of: ({ failed }) => countOf(failed) },
  { title: 'wait p50', right: true, of: ({ wait }) => durationOf(wait.p50Ms) },
  { title: 'p99', right: true, of: ({ wait }) => durationOf(wait.p99Ms) },
  { title: 'run p50', right: true, of: ({ run }) => durationOf(run.p50Ms) },
  { title: 'p99', right: true, of: ({ run }) => durationOf(run.p99Ms) },
  { title: 'max', right: true, of: ({ run }) => durationOf(run.maxMs) },
  { title: 'rows', right: true, of: ({ rows }) => countOf(rows) },
]

export function readLines({ reads, readers, inThread, ledger }: Report, page: Page): string[] {
  const rows = ledger?.reads ?? []
  const pools = readClasses.map((name) => {
    const { readers: all, busy, lent, waiting } = readers[name]
    return `${name}: ${many(all, 'reader')}, ${countOf(busy)} busy, ${countOf(lent)} lent, ${countOf(waiting)} waiting`
  })
  const lines = [
    heading(page, `Reads, longest run in all first${shownOf(rows)}`),
    ...hung(
      '  ',
      '  ',
      `${countOf(reads.answered)} answered, ${countOf(reads.failed)} failed; ${pools.join('; ')}`,
      page,
    ),
  ]
  if (readers.retired.alive > 0 || readers.streamsReclaimed > 0)
    lines.push(
      ...hung(
        '  ',
        '  ',
        `${many(readers.retired.alive, 'retired reader')} still at it, ${many(readers.streamsReclaimed, 'stream')} reclaimed`,
        page,
      ),
    )
  if (inThread !== undefined)
    lines.push(
      ...hung(
        '  ',
        '  ',
        `in the app's thread: ${many(inThread.reads, 'read')}, ${countOf(inThread.slow)} slow, the longest ${durationOf(inThread.longestMs)} (${inThread.longestLabel ?? 'none'})`,
        page,
      ),
    )
  return rows.length === 0 ? lines : [...lines, ...table(page, readColumns, rows.slice(0, rowsShownMax))]
}

export function walLines({ wal }: Report, page: Page): string[] {
  const title = heading(page, 'Write-ahead log')
  if (wal === undefined)
    return [title, ...hung('  ', '  ', 'not looked after: `wal.checkpoints` leaves it to others', page)]
  const { state, pressure, logBytes, copiedBytes, peakBytes, restraint, oldestLease, lastError } = wal
  const lines = [
    `${pressure}, ${state}; ${bytesOf(logBytes)} long, ${bytesOf(copiedBytes)} copied, ${bytesOf(peakBytes)} at its longest; lower lanes give up ${percentOf(restraint, 1)}`,
    `${many(wal.copies, 'copy').replace('copys', 'copies')} beside the writer, ${countOf(wal.finishes)} on it (${durationOf(wal.finishMsMax)} at most), ${many(wal.gaps, 'gap')}, ${countOf(wal.pinsEnded)} pins ended`,
  ]
  if (oldestLease !== undefined)
    lines.push(
      `oldest read: ${oldestLease.label ?? 'unlabelled'} on ${oldestLease.reader} for ${durationOf(oldestLease.ageMs)}`,
    )
  if (lastError !== undefined) lines.push(`the last checkpoint failed: ${lastError}`)
  return [title, ...lines.flatMap((line) => hung('  ', '    ', line, page))]
}

export function liveLines({ live }: Report, page: Page): string[] {
  const { inFlight, oldest, leases, jobs } = live
  const lines = [
    inFlight === undefined
      ? 'in flight: nothing'
      : `in flight: ${many(inFlight.writes, 'write')} of the lane ${inFlight.lane} for ${durationOf(inFlight.ageMs)}: ${inFlight.labels.join(', ')}`,
    ...laneNames.flatMap((name) => {
      const waiter = oldest[name]
      return waiter === undefined
        ? []
        : [`oldest in ${name}: ${waiter.label} for ${durationOf(waiter.waitedMs)}`]
    }),
    ...leases
      .toSorted((one, other) => other.ageMs - one.ageMs)
      .slice(0, rowsShownMax)
      .map(({ reader, label, ageMs }) => `reading: ${label} on ${reader} for ${durationOf(ageMs)}`),
    ...jobs.slice(0, rowsShownMax).map(({ id, procedure, status, done, total }) => {
      const at =
        done === undefined ? '' : `, ${countOf(done)}${total === undefined ? '' : ` of ${countOf(total)}`}`
      return `job: ${id} (${procedure}) ${status}${at}`
    }),
  ]
  return [heading(page, 'At this moment'), ...lines.flatMap((line) => hung('  ', '    ', line, page))]
}

const slowColumns: readonly Column<SlowEntry>[] = [
  { title: 'at', of: ({ at }) => timeOf(at) },
  { title: 'kind', of: ({ kind }) => kind },
  { title: 'label', of: ({ label }) => label, least: 12 },
  { title: 'wait', right: true, of: ({ waitMs }) => durationOf(waitMs) },
  { title: 'run', right: true, of: ({ runMs }) => durationOf(runMs) },
  { title: 'rows', right: true, of: ({ rows }) => (rows === undefined ? '' : countOf(rows)) },
  { title: 'sql', of: ({ sql }) => sql ?? '', least: 12 },
]

/** Those that took longest, each with its plan below where it is known. */
export function slowLines({ slow }: LedgerReport, page: Page): string[] {
  if (slow.length === 0) return [heading(page, 'Slow work'), '  none']
  const took = ({ waitMs, runMs }: SlowEntry): number => waitMs + runMs
  const shown = slow.toSorted((one, other) => took(other) - took(one)).slice(0, rowsShownMax)
  const [titles = '', ...rows] = table(page, slowColumns, shown)
  const plans = shown.map(({ plan }) =>
    (plan ?? []).slice(0, 4).map((line) => clip(`      ${clean(line)}`, page.width)),
  )
  return [
    heading(page, `Slow work, longest first${shownOf(slow)}`),
    titles,
    ...rows.flatMap((row, at) => [row, ...(plans[at] ?? [])]),
  ]
}

/** The time of day in UTC: a report is often read where the clock is another. Beyond what a date can hold, nothing. */
function timeOf(at: number): string {
  return Math.abs(at) <= 8.64e15 ? `${new Date(at).toISOString().slice(11, 19)}Z` : ''
}
