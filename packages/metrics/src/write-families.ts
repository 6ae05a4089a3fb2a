import type { Durations, LaneName, Report, WriteLabelReport } from '@lockkeeper/core'
import { type Family, type Labels, seconds, single, type View } from './family.ts'

const byLabel = ['label', 'lane']

const rowsOf = ({ report }: View): readonly WriteLabelReport[] => report.ledger?.writes ?? []

const lanesOf = ({ report }: View): readonly (readonly [LaneName, Report['lanes'][LaneName]])[] =>
  Object.entries(report.lanes) as [LaneName, Report['lanes'][LaneName]][]

/** A number of each label and lane. */
const each = (of: (row: WriteLabelReport) => number) => (view: View) =>
  rowsOf(view).map((row) => [{ label: row.label, lane: row.lane }, of(row)] as const)

const durations = (of: (row: WriteLabelReport) => Durations) => (view: View) =>
  rowsOf(view).map((row) => [{ label: row.label, lane: row.lane }, of(row)] as const)

const eachLane = (of: (lane: Report['lanes'][LaneName]) => number) => (view: View) =>
  lanesOf(view).map(([lane, counts]) => [{ lane }, of(counts)] as const)

const outcomes = ['committed', 'failed', 'rejected'] as const

/** By label where there is a ledger; by lane alone where the app keeps none, under the same name. */
function writes(view: View): (readonly [Labels, number])[] {
  const counted: readonly (readonly [Labels, Record<(typeof outcomes)[number], number>])[] =
    view.report.ledger === undefined
      ? lanesOf(view).map(([lane, counts]) => [{ lane }, counts])
      : rowsOf(view).map((row) => [{ label: row.label, lane: row.lane }, row])
  return counted.flatMap(([labels, counts]) =>
    outcomes.map((outcome) => [{ ...labels, outcome }, counts[outcome]] as const),
  )
}

function dropped(view: View): (readonly [Labels, number])[] {
  if (view.report.ledger === undefined)
    return lanesOf(view).map(([lane, counts]) => [{ lane, cause: 'lane-full' }, counts.dropped])
  return rowsOf(view).flatMap(({ label, lane, dropped: causes }) =>
    Object.entries(causes).map(([cause, count]) => [{ label, lane, cause }, count] as const),
  )
}

/** What becomes of writes: by label and lane from the ledger, by lane from the mailbox. */
export const writeFamilies: readonly Family[] = [
  {
    kind: 'counter',
    name: 'lockkeeper_writes_total',
    help: 'Writes by what became of them: committed, failed after they were taken in, or rejected at the mailbox',
    labels: [...byLabel, 'outcome'],
    samples: writes,
  },
  {
    kind: 'counter',
    name: 'lockkeeper_writes_dropped_total',
    help: 'Best-effort writes and coalesced values that were lost, by error code',
    labels: [...byLabel, 'cause'],
    samples: dropped,
  },
  {
    kind: 'counter',
    name: 'lockkeeper_writes_coalesced_total',
    help: 'Values of coalescers that changed nothing, or went on inside another one of their key',
    labels: byLabel,
    samples: each(({ coalesced }) => coalesced),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_writes_retried_total',
    help: 'Times that a write went back to its lane',
    labels: byLabel,
    samples: each(({ retried }) => retried),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_write_rows_total',
    help: 'Rows changed by committed statements',
    labels: byLabel,
    samples: each(({ rows }) => rows),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_write_bytes_total',
    help: 'Bytes of SQL, parameters and inputs of committed writes, roughly',
    labels: byLabel,
    samples: each(({ bytes }) => bytes),
  },
  {
    kind: 'summary',
    name: 'lockkeeper_write_queue_wait_seconds',
    help: 'From the call until the batch was posted; quantiles since open',
    labels: byLabel,
    samples: durations(({ queueWait }) => queueWait),
  },
  {
    kind: 'summary',
    name: 'lockkeeper_write_begin_wait_seconds',
    help: 'Waits for a lock that another process had; quantiles since open',
    labels: byLabel,
    samples: durations(({ beginWait }) => beginWait),
  },
  {
    kind: 'summary',
    name: 'lockkeeper_write_hold_seconds',
    help: 'How long writes held the lock; quantiles since open',
    labels: byLabel,
    samples: durations(({ hold }) => hold),
  },
  {
    kind: 'summary',
    name: 'lockkeeper_write_duration_seconds',
    help: 'From the call to the outcome; quantiles since open',
    labels: byLabel,
    samples: durations(({ total }) => total),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_write_blocked_seconds_total',
    help: 'How long the writes of one label waited while another one held the lock; holders in parentheses are no labels',
    labels: ['waiter', 'holder'],
    samples: ({ blocked }) =>
      blocked.map(({ waiter, holder, waitedMs }) => [{ waiter, holder }, seconds(waitedMs)]),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_batches_total',
    help: 'Transactions committed by the writer',
    labels: [],
    samples: ({ report }) => single(report.batches),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_overstays_total',
    help: 'Writes that held the lock longer than the slice of their lane',
    labels: [],
    samples: ({ report }) =>
      single(Object.values(report.overstays).reduce((sum, { count }) => sum + count, 0)),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_write_failures_unheard_total',
    help: 'Failed writes whose ticket nobody awaited',
    labels: [],
    samples: ({ report }) => single(report.writeFailuresUnheard),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_lane_depth',
    help: 'Writes that stand in the lane',
    labels: ['lane'],
    samples: eachLane(({ depth }) => depth),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_lane_waiting',
    help: 'Writes that wait to get into the lane',
    labels: ['lane'],
    samples: eachLane(({ waiting }) => waiting),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_lane_capacity',
    help: 'Writes that may stand in the lane',
    labels: ['lane'],
    samples: eachLane(({ capacity }) => capacity),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_lane_oldest_wait_seconds',
    help: 'How long the oldest write of the lane has waited; 0 where none waits',
    labels: ['lane'],
    samples: ({ report }) =>
      Object.entries(report.live.oldest).map(([lane, oldest]) => [{ lane }, seconds(oldest?.waitedMs ?? 0)]),
  },
]
