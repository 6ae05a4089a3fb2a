import { type LaneName, laneNames } from '../mailbox/lane-name.ts'
import type { ReadClass } from '../readers/read-class.ts'
import type {
  BlockedReport,
  Durations,
  LedgerReport,
  LiveReport,
  ReadLabelReport,
  SlowEntry,
  WriteLabelReport,
} from './ledger-report.ts'
import type { InThreadReport, LockWaitsReport, Report, StatementReport, WalReport } from './report.ts'
import { boolean, byName, fields, listOf, number, oneOf, optional, type ShapeOf, string } from './shape.ts'

const lane = oneOf<LaneName>(...laneNames)
const readClass = oneOf<ReadClass>('interactive', 'background')
const counts = byName(number)
const countsByLabel = byName(counts)

const laneReport = fields<Report['lanes'][LaneName]>({
  depth: number,
  waiting: number,
  capacity: number,
  admitted: number,
  rejected: number,
  dropped: number,
  committed: number,
  failed: number,
})

const classReport = fields<Report['readers']['interactive']>({
  readers: number,
  busy: number,
  lent: number,
  waiting: number,
})

const inThread = fields<InThreadReport>({
  reads: number,
  failed: number,
  slow: number,
  longestMs: number,
  longestLabel: optional(string),
})

const wal = fields<WalReport>({
  state: string,
  pressure: oneOf<WalReport['pressure']>('calm', 'throttling', 'pinned'),
  logBytes: number,
  copiedBytes: number,
  peakBytes: number,
  copies: number,
  finishes: number,
  finishMsMax: number,
  gaps: number,
  pinsEnded: number,
  failures: number,
  restraint: number,
  oldestLease: optional(
    fields<NonNullable<WalReport['oldestLease']>>({ reader: string, label: optional(string), ageMs: number }),
  ),
  lastError: optional(string),
})

const lockWaits = fields<LockWaitsReport>({
  waits: number,
  waitedMs: number,
  woken: number,
  polled: number,
  timedOut: number,
  deferred: number,
})

const durations = fields<Durations>({
  count: number,
  totalMs: number,
  p50Ms: number,
  p90Ms: number,
  p99Ms: number,
  maxMs: number,
})

const writeLabel = fields<WriteLabelReport>({
  label: string,
  lane,
  admitted: number,
  rejected: number,
  coalesced: number,
  dropped: counts,
  committed: number,
  failed: number,
  retried: number,
  queueWait: durations,
  beginWait: durations,
  hold: durations,
  total: durations,
  rows: number,
  bytes: number,
  lockShare: number,
})

const readLabel = fields<ReadLabelReport>({
  label: string,
  class: readClass,
  answered: number,
  failed: number,
  wait: durations,
  run: durations,
  rows: number,
})

const slowEntry = fields<SlowEntry>({
  kind: oneOf<SlowEntry['kind']>('write', 'read', 'begin'),
  at: number,
  label: string,
  lane: optional(lane),
  class: optional(readClass),
  sql: optional(string),
  parameters: listOf(string),
  waitMs: number,
  runMs: number,
  rows: optional(number),
  plan: optional(listOf(string)),
})

const ledger = fields<LedgerReport>({
  ageMs: number,
  writes: listOf(writeLabel),
  reads: listOf(readLabel),
  blocked: listOf(fields<BlockedReport>({ waiter: string, holder: string, waitedMs: number })),
  slow: listOf(slowEntry),
  eventLoop: durations,
  bytes: number,
})

const oldest = optional(
  fields<NonNullable<LiveReport['oldest']['user']>>({ label: string, waitedMs: number }),
)

const live = fields<LiveReport>({
  inFlight: optional(
    fields<NonNullable<LiveReport['inFlight']>>({
      lane,
      writes: number,
      ageMs: number,
      labels: listOf(string),
    }),
  ),
  oldest: fields<LiveReport['oldest']>({ user: oldest, sync: oldest, background: oldest }),
  leases: listOf(
    fields<LiveReport['leases'][number]>({ reader: string, class: readClass, label: string, ageMs: number }),
  ),
  jobs: listOf(
    fields<LiveReport['jobs'][number]>({
      id: string,
      procedure: string,
      status: string,
      done: optional(number),
      total: optional(number),
    }),
  ),
})

const statement = fields<StatementReport>({
  sql: string,
  on: oneOf<StatementReport['on']>('writer', 'reader'),
  runs: number,
  totalMs: number,
  longestMs: number,
  scanSteps: number,
  sorts: number,
  autoIndexes: number,
  vmSteps: number,
})

/**
 * A report of version 1, field by field; `docs/report-schema.md` says what they mean. A field that is added later is optional here,
 * since reports saved before lack it.
 */
export const reportShape: ShapeOf<Report> = fields<Report>({
  version: oneOf(1),
  file: string,
  sqlite: string,
  states: fields<Report['states']>({ database: string, writer: string, readers: listOf(string) }),
  lanes: fields<Report['lanes']>({ user: laneReport, sync: laneReport, background: laneReport }),
  batches: number,
  drops: countsByLabel,
  overstays: byName(fields<Report['overstays'][string]>({ count: number, longestMs: number })),
  writeFailuresUnheard: number,
  reads: fields<Report['reads']>({ answered: number, failed: number, waiting: number }),
  readers: fields<Report['readers']>({
    interactive: classReport,
    background: classReport,
    retired: fields<Report['readers']['retired']>({ alive: number, byLabel: countsByLabel }),
    streamsReclaimed: number,
  }),
  inThread: optional(inThread),
  wal: optional(wal),
  busy: counts,
  changedOutside: fields<Report['changedOutside']>({ noticed: number, schemaChanged: number }),
  restarts: fields<Report['restarts']>({ writer: number, readers: number }),
  signals: fields<Report['signals']>({
    waiting: oneOf<Report['signals']['waiting']>('futex', 'polling', 'sleeping', 'none'),
    interrupts: boolean,
    notice: optional(string),
    lockWaits: optional(lockWaits),
  }),
  ledger: optional(ledger),
  live,
  statements: listOf(statement),
})
