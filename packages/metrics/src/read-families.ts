import type { Durations, ReadClass, ReadLabelReport, Report } from '@lockkeeper/core'
import { type Family, type Labels, seconds, single, type View } from './family.ts'

const byLabel = ['label', 'class']

const rowsOf = ({ report }: View): readonly ReadLabelReport[] => report.ledger?.reads ?? []

const durations = (of: (row: ReadLabelReport) => Durations) => (view: View) =>
  rowsOf(view).map((row) => [{ label: row.label, class: row.class }, of(row)] as const)

const eachClass = (of: (readers: Report['readers'][ReadClass]) => number) => (view: View) =>
  (['interactive', 'background'] as const).map(
    (name) => [{ class: name }, of(view.report.readers[name])] as const,
  )

const outcomes = ['answered', 'failed'] as const

/** By label where there is a ledger; in all where the app keeps none, under the same name. */
function reads(view: View): (readonly [Labels, number])[] {
  const { reads: all, ledger } = view.report
  if (ledger === undefined) return outcomes.map((outcome) => [{ outcome }, all[outcome]])
  return rowsOf(view).flatMap((row) =>
    outcomes.map((outcome) => [{ label: row.label, class: row.class, outcome }, row[outcome]] as const),
  )
}

function retired({ report }: View): (readonly [Labels, number])[] {
  const byReason = new Map<string, number>()
  for (const reasons of Object.values(report.readers.retired.byLabel)) {
    for (const [reason, count] of Object.entries(reasons))
      byReason.set(reason, (byReason.get(reason) ?? 0) + count)
  }
  return [...byReason].map(([reason, count]) => [{ reason }, count])
}

/** What becomes of reads, and what the readers are at. */
export const readFamilies: readonly Family[] = [
  {
    kind: 'counter',
    name: 'lockkeeper_reads_total',
    help: 'Reads, snapshots and streams by how they ended',
    labels: [...byLabel, 'outcome'],
    samples: reads,
  },
  {
    kind: 'counter',
    name: 'lockkeeper_read_rows_total',
    help: 'Rows answered',
    labels: byLabel,
    samples: (view) => rowsOf(view).map((row) => [{ label: row.label, class: row.class }, row.rows]),
  },
  {
    kind: 'summary',
    name: 'lockkeeper_read_wait_seconds',
    help: 'From the call until a reader began with it; quantiles since open',
    labels: byLabel,
    samples: durations(({ wait }) => wait),
  },
  {
    kind: 'summary',
    name: 'lockkeeper_read_run_seconds',
    help: 'On the reader; quantiles since open',
    labels: byLabel,
    samples: durations(({ run }) => run),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_reads_waiting',
    help: 'Reads, snapshots and streams that wait for a reader or for a write',
    labels: ['class'],
    samples: eachClass(({ waiting }) => waiting),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_readers',
    help: 'Readers',
    labels: ['class'],
    samples: eachClass(({ readers }) => readers),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_readers_busy',
    help: 'Readers at work',
    labels: ['class'],
    samples: eachClass(({ busy }) => busy),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_readers_lent',
    help: 'Readers lent to a snapshot or a stream',
    labels: ['class'],
    samples: eachClass(({ lent }) => lent),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_readers_retired_total',
    help: 'Readers that were replaced, by why',
    labels: ['reason'],
    samples: retired,
  },
  {
    kind: 'counter',
    name: 'lockkeeper_streams_reclaimed_total',
    help: 'Streams whose reader was taken back because nobody went on with them',
    labels: [],
    samples: ({ report }) => single(report.readers.streamsReclaimed),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_lease_oldest_age_seconds',
    help: 'How long the reader has been at work that has been longest; 0 where none is',
    labels: [],
    samples: ({ report }) => single(seconds(Math.max(0, ...report.live.leases.map(({ ageMs }) => ageMs)))),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_in_thread_reads_total',
    help: 'Reads in the thread of the app',
    labels: [],
    samples: ({ report }) => single(report.inThread?.reads),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_in_thread_reads_slow_total',
    help: 'Reads in the thread of the app that held its event loop for too long',
    labels: [],
    samples: ({ report }) => single(report.inThread?.slow),
  },
]
