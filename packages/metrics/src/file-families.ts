import { type Family, type Labels, seconds, single, type View } from './family.ts'

const levels = ['calm', 'throttling', 'pinned'] as const

const pressure = ({ report }: View): (readonly [Labels, number])[] =>
  report.wal === undefined
    ? []
    : levels.map((level) => [{ level }, level === report.wal?.pressure ? 1 : 0] as const)

const counts = (record: Readonly<Record<string, number>>, label: string): (readonly [Labels, number])[] =>
  Object.entries(record).map(([name, count]) => [{ [label]: name }, count] as const)

function jobs({ report }: View): (readonly [Labels, number])[] {
  const byStatus: Record<string, number> = {}
  for (const { status } of report.live.jobs) byStatus[status] = (byStatus[status] ?? 0) + 1
  return counts(byStatus, 'status')
}

/** The log, other processes, threads, and the database as a whole. */
export const fileFamilies: readonly Family[] = [
  {
    kind: 'gauge',
    name: 'lockkeeper_info',
    help: 'Always 1: the version of SQLite, and how the writer waits for a lock that another process has',
    labels: ['sqlite', 'waiting'],
    samples: ({ report }) => [[{ sqlite: report.sqlite, waiting: report.signals.waiting }, 1]],
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_actor_state',
    help: 'Always 1: the state that the actor is in',
    labels: ['actor', 'state'],
    samples: ({ report: { states } }) => [
      [{ actor: 'database', state: states.database }, 1],
      [{ actor: 'writer', state: states.writer }, 1],
    ],
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_wal_bytes',
    help: 'Length of the write-ahead log when the writer last looked',
    labels: [],
    samples: ({ report }) => single(report.wal?.logBytes),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_wal_copied_bytes',
    help: 'Of the log: what is copied into the file',
    labels: [],
    samples: ({ report }) => single(report.wal?.copiedBytes),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_wal_peak_bytes',
    help: 'The longest that the log has been since open',
    labels: [],
    samples: ({ report }) => single(report.wal?.peakBytes),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_wal_pressure',
    help: '1 for the level that the governor is at, 0 for the others',
    labels: ['level'],
    samples: pressure,
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_wal_restraint_ratio',
    help: 'What lower lanes give up of the writer, from 0 to 1',
    labels: [],
    samples: ({ report }) => single(report.wal?.restraint),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_wal_checkpoints_total',
    help: 'Checkpoints, beside the writer or by it',
    labels: ['by'],
    samples: ({ report: { wal } }) =>
      wal === undefined ? [] : counts({ checkpointer: wal.copies, writer: wal.finishes }, 'by'),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_wal_gaps_total',
    help: 'Moments in which new reads waited, so that the log could begin anew',
    labels: [],
    samples: ({ report }) => single(report.wal?.gaps),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_wal_pins_ended_total',
    help: 'Reads that were ended because they pinned the log at its hard bound',
    labels: [],
    samples: ({ report }) => single(report.wal?.pinsEnded),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_busy_total',
    help: 'Every SQLITE_BUSY that was met, waits that ended well included',
    labels: ['code'],
    samples: ({ report }) => counts(report.busy, 'code'),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_lock_waits_total',
    help: 'Waits of the writer for a lock that another process had, as the signals extension counts them',
    labels: [],
    samples: ({ report }) => single(report.signals.lockWaits?.waits),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_lock_wait_seconds_total',
    help: 'How long they took in all',
    labels: [],
    samples: ({ report: { signals } }) => single(signals.lockWaits && seconds(signals.lockWaits.waitedMs)),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_changed_outside_total',
    help: 'Times that another process was seen to have committed',
    labels: [],
    samples: ({ report }) => single(report.changedOutside.noticed),
  },
  {
    kind: 'counter',
    name: 'lockkeeper_thread_restarts_total',
    help: 'Threads that died and were replaced',
    labels: ['thread'],
    samples: ({ report }) => counts({ ...report.restarts }, 'thread'),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_jobs',
    help: 'Jobs that have not ended',
    labels: ['status'],
    samples: jobs,
  },
  {
    kind: 'summary',
    name: 'lockkeeper_event_loop_lag_seconds',
    help: 'How late the event loop of the app was, beyond the 10 ms in which it is looked at; quantiles since open',
    labels: [],
    samples: ({ report: { ledger } }) => (ledger === undefined ? [] : [[{}, ledger.eventLoop]]),
  },
  {
    kind: 'gauge',
    name: 'lockkeeper_ledger_bytes',
    help: 'What keeping the ledger takes, roughly',
    labels: [],
    samples: ({ report }) => single(report.ledger?.bytes),
  },
]
