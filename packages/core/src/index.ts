export {
  type Coalescer,
  type CoalescerCounts,
  type CoalescerHost,
  type CoalescerInput,
  type CoalescerOptions,
  type CoalescerOverflow,
  coalescer,
  coalescerMachine,
  createCoalescer,
  type EmbeddedCoalescer,
  type FlushTarget,
  flushThrough,
  type Key,
  type PendingKey,
  type PutTicket,
} from './coalescing/index.ts'
export { databaseMachine } from './database/machine.ts'
export { openDatabase } from './database/open.ts'
export type { OpenOptions } from './database/options.ts'
export type {
  Calls,
  CloseOptions,
  CloseReport,
  CompiledQuery,
  Database,
  DatabaseEvents,
  ReadCalls,
  ReadOptions,
  References,
  Snapshot,
  SnapshotOptions,
  Statement,
  StreamOptions,
  WriteOptions,
  WriteResult,
} from './database/types.ts'
export type { ErrorCode, LockkeeperCode, Outcome, SqliteCode, Stage } from './errors/codes.ts'
export { isLockkeeperError, LockkeeperError } from './errors/lockkeeper-error.ts'
export type {
  InThreadOptions,
  InThreadReads,
  SlowInThreadRead,
  SyncReadOptions,
} from './in-thread/types.ts'
export type { Job, JobProgress } from './jobs/driven-job.ts'
export type { JobStatus } from './jobs/job-state.ts'
export type { JobOptions, JobStarts, Jobs } from './jobs/jobs.ts'
export type { LaneLimits } from './limits.ts'
export type { LaneName } from './mailbox/lane-name.ts'
export type { Ticket, TicketOutcome } from './mailbox/ticket.ts'
export type { Health, HealthOptions, HealthProbe } from './maintenance/health.ts'
export type {
  CheckpointMode,
  CheckpointResult,
  MaintenanceTask,
  OptimizeResult,
  VacuumResult,
} from './maintenance/task.ts'
export type {
  BackupOptions,
  BackupProgress,
  BackupResult,
  CheckpointOptions,
  MaintenanceCalls,
  MaintenanceOptions,
} from './maintenance/types.ts'
export type { Migration } from './migrations/migration.ts'
export type { Changes, SqlParameters, SqlValue } from './procedures/define.ts'
export {
  type ProcedureModules,
  type ProcedureReference,
  type ProceduresReference,
  procedures,
} from './procedures/reference.ts'
export type { RetiredReader } from './readers/desk.ts'
export { poolMachine } from './readers/pool-machine.ts'
export type { ReadClass } from './readers/read-class.ts'
export { readerMachine } from './readers/reader-machine.ts'
export { assertReport } from './telemetry/assert-report.ts'
export type {
  BatchMessage,
  CheckpointMessage,
  LeaseMessage,
  LockkeeperChannels,
  ReadMessage,
  WriteMessage,
} from './telemetry/channels/messages.ts'
export { formatReport } from './telemetry/format-report.ts'
export { reportJsonSchema } from './telemetry/json-schema.ts'
export type {
  BlockedReport,
  Durations,
  LedgerReport,
  LiveReport,
  ReadLabelReport,
  SlowEntry,
  WriteLabelReport,
} from './telemetry/ledger-report.ts'
export type { TelemetryOptions } from './telemetry/options.ts'
export type { InThreadReport, Report, WalReport } from './telemetry/report.ts'
export type { ReportListener, WatchReportOptions } from './telemetry/report-watches.ts'
export { formatFindings } from './telemetry/text/findings.ts'
export type { TextOptions } from './telemetry/text/terminal.ts'
export { diagnose } from './telemetry/verdict/diagnose.ts'
export type { Finding, FindingKind, Severity } from './telemetry/verdict/finding.ts'
export { governorMachine } from './wal/governor-machine.ts'
export type { Checkpoints, WalOptions } from './wal/options.ts'
export type { WalPinned } from './wal/pressure.ts'
export { createMailbox, type WriterOptions } from './writer/assemble.ts'
export type { Durability } from './writer/durability.ts'
export { writerMachine } from './writer/machine.ts'
export type { WriteEvent, WriteRequest, WriteSettled } from './writer/write-event.ts'
