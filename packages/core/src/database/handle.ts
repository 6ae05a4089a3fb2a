import type { Actor, ActorRefFrom, AnyActorLogic, InputFrom } from 'xstate'
import { backgroundClock, systemClock } from '../clock.ts'
import type { SignalsInterrupter } from '../engine/signals-interrupter.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { InThreadReader } from '../in-thread/reader.ts'
import type { SyncReadOptions } from '../in-thread/types.ts'
import { JobKeeper, type JobStarts, type Jobs } from '../jobs/jobs.ts'
import { closeDeadlineMs, leaveMs, timerMsMax } from '../limits.ts'
import type { Admission } from '../mailbox/admission.ts'
import { isCompiled } from '../mailbox/arguments.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { Mailbox } from '../mailbox/mailbox.ts'
import { notStored } from '../mailbox/pending-write.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import { Maintenance } from '../maintenance/calls.ts'
import type { MaintenanceCalls } from '../maintenance/types.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { ProcedureModules } from '../procedures/reference.ts'
import type { ReadDesk } from '../readers/desk.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { Report } from '../telemetry/report.ts'
import { ReportWatches } from '../telemetry/report-watches.ts'
import type { GovernorDesk } from '../wal/governor-desk.ts'
import type { WriterDesk } from '../writer/desk.ts'
import { makeCalls, makeStarts } from './calls.ts'
import type { EventHub } from './event-hub.ts'
import type { databaseMachine } from './machine.ts'
import { Queries } from './queries.ts'
import { makeReport } from './report.ts'
import { Scopes } from './snapshots.ts'
import type { Telemetry } from './telemetry.ts'
import type {
  Calls,
  CloseOptions,
  CloseReport,
  CompiledQuery,
  Database,
  DatabaseEvents,
  OfferOptions,
  ReadOptions,
  References,
  Snapshot,
  SnapshotOptions,
  Statement,
  StreamOptions,
  WriteOptions,
  WriteResult,
} from './types.ts'
import { type Undelivered, valuesNotWritten } from './undelivered.ts'
import { within } from './within.ts'

type Drain = (options: { readonly deadlineMs: number }) => Promise<void>

export interface HandleParts {
  readonly file: string
  readonly actor: Actor<typeof databaseMachine>
  readonly admission: Admission
  readonly mailbox: Mailbox
  readonly writerDesk: WriterDesk
  readonly readDesk: ReadDesk
  readonly governor: GovernorDesk | undefined
  readonly inThread: InThreadReader
  readonly counters: Counters
  readonly telemetry: Telemetry | undefined
  readonly events: EventHub<DatabaseEvents>
  readonly interrupter: SignalsInterrupter
  /** Ends the actors and gives the file free; resolves when every thread has gone. */
  readonly shutDown: (deadlineMs: number) => Promise<void>
}

/** The handle that `openDatabase` gives out: it only passes on, to the admission, the queries and the supervisor. */
export class DatabaseHandle<Modules extends ProcedureModules> implements Database<Modules> {
  readonly file: string
  readonly call: Calls<Modules>
  readonly procedure: References<Modules>
  readonly jobs: Jobs<Modules>
  readonly #parts: HandleParts
  readonly #queries: Queries
  readonly #scopes: Scopes
  readonly #inThread: InThreadReader
  readonly #maintenance: Maintenance
  readonly #watches = new ReportWatches(backgroundClock, () => this.report())
  readonly #drains = new Map<Drain, (() => Undelivered) | undefined>()
  #closed: Promise<CloseReport> | undefined

  constructor(parts: HandleParts) {
    this.#parts = parts
    this.file = parts.file
    this.#scopes = new Scopes(parts.readDesk, parts.writerDesk.procedures)
    this.#queries = new Queries((read, to) => parts.readDesk.submit(read, this.#scopes.route(to)))
    this.#inThread = parts.inThread
    this.#maintenance = new Maintenance({
      ...parts,
      backups: parts.writerDesk.backups,
      readValue: (sql, options) => this.#queries.readValue(sql, undefined, options),
      report: () => this.report(),
    })
    const { call, procedure } = makeCalls(parts.writerDesk.procedures, parts.admission, this.#queries)
    this.call = call as Calls<Modules>
    const keeper = new JobKeeper(
      {
        clock: systemClock,
        procedures: parts.writerDesk.procedures,
        send: (order, procedure) => parts.admission.job(order, procedure),
      },
      parts.writerDesk.unfinishedJobs,
    )
    const start = makeStarts(parts.writerDesk.procedures, keeper) as JobStarts<Modules>
    this.jobs = { start, list: () => keeper.list() }
    this.procedure = procedure as References<Modules>
  }

  write<Row>(
    statement: string | CompiledQuery,
    second?: SqlParameters | WriteOptions,
    third?: WriteOptions,
  ): Ticket<WriteResult<Row>> {
    const { admission } = this.#parts
    return isCompiled(statement)
      ? admission.statement(
          statement.sql,
          statement.parameters as SqlParameters,
          second as WriteOptions | undefined,
        )
      : admission.statement(statement, second as SqlParameters | undefined, third)
  }

  writeAtomic(statements: readonly Statement[], options?: WriteOptions): Ticket<readonly WriteResult[]> {
    return this.#parts.admission.atomic(statements, options)
  }

  writeMany(sql: string, rows: Iterable<SqlParameters>, options?: WriteOptions): Ticket<WriteResult> {
    return this.#parts.admission.many(sql, rows, options)
  }

  offer(sql: string, parameters?: SqlParameters, options?: OfferOptions): boolean {
    return this.#parts.admission.offer(sql, parameters, options)
  }

  read<Row>(
    query: string | CompiledQuery,
    second?: SqlParameters | ReadOptions,
    third?: ReadOptions,
  ): Promise<Row[]> {
    return this.#queries.read(query, second, third)
  }

  readFirst<Row>(sql: string, parameters?: SqlParameters, options?: ReadOptions): Promise<Row | undefined> {
    return this.#queries.readFirst(sql, parameters, options)
  }

  readValue<Value>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Value | undefined> {
    return this.#queries.readValue(sql, parameters, options)
  }

  readColumn<Value>(sql: string, parameters?: SqlParameters, options?: ReadOptions): Promise<Value[]> {
    return this.#queries.readColumn(sql, parameters, options)
  }

  readArrays<Row>(sql: string, parameters?: SqlParameters, options?: ReadOptions): Promise<Row[]> {
    return this.#queries.readArrays(sql, parameters, options)
  }

  snapshot<Result>(
    body: (snapshot: Snapshot<Modules>) => Result | Promise<Result>,
    options?: SnapshotOptions,
  ): Promise<Result> {
    return this.#scopes.snapshot(body as (snapshot: Snapshot) => Result | Promise<Result>, options)
  }

  stream<Row>(
    sql: string,
    parameters?: SqlParameters,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row, undefined, undefined> {
    return this.#scopes.stream<Row>(sql, parameters, options)
  }

  readSync<Row>(
    statement: string | CompiledQuery,
    second?: SqlParameters | SyncReadOptions,
    third?: SyncReadOptions,
  ): Row[] {
    const rows = isCompiled(statement)
      ? this.#inThread.read(
          'objects',
          statement.sql,
          statement.parameters as SqlParameters,
          second as SyncReadOptions | undefined,
        )
      : this.#inThread.read('objects', statement, second as SqlParameters | undefined, third)
    return rows as Row[]
  }

  readFirstSync<Row>(sql: string, parameters?: SqlParameters, options?: SyncReadOptions): Row | undefined {
    return this.#inThread.read('firstObject', sql, parameters, options) as Row | undefined
  }

  readValueSync<Value>(
    sql: string,
    parameters?: SqlParameters,
    options?: SyncReadOptions,
  ): Value | undefined {
    return this.#inThread.read('firstValue', sql, parameters, options) as Value | undefined
  }

  readColumnSync<Value>(sql: string, parameters?: SqlParameters, options?: SyncReadOptions): Value[] {
    return this.#inThread.read('column', sql, parameters, options) as Value[]
  }

  readArraysSync<Row>(sql: string, parameters?: SqlParameters, options?: SyncReadOptions): Row[] {
    return this.#inThread.read('arrays', sql, parameters, options) as Row[]
  }

  readonly checkpoint: MaintenanceCalls['checkpoint'] = (options) => this.#maintenance.checkpoint(options)
  readonly optimize: MaintenanceCalls['optimize'] = (options) => this.#maintenance.optimize(options)
  readonly vacuum: MaintenanceCalls['vacuum'] = (options) => this.#maintenance.vacuum(options)
  readonly backup: MaintenanceCalls['backup'] = (file, options) => this.#maintenance.backup(file, options)
  readonly health: MaintenanceCalls['health'] = (options) => this.#maintenance.health(options)

  report(): Report {
    return makeReport({ ...this.#parts, jobs: this.jobs.list() })
  }

  readonly watchReport: Database['watchReport'] = (listener, options) => this.#watches.add(listener, options)

  on<Name extends keyof DatabaseEvents>(
    event: Name,
    listener: (detail: DatabaseEvents[Name]) => void,
  ): () => void {
    return this.#parts.events.on(event, listener)
  }

  spawn<Logic extends AnyActorLogic>(
    logic: Logic,
    options: { readonly systemId: string; readonly input: InputFrom<Logic> },
  ): ActorRefFrom<Logic> {
    const { actor } = this.#parts
    if (actor.system.get(options.systemId) !== undefined) {
      throw new Error(`An actor with the system id ${options.systemId} runs already`)
    }
    actor.send({ type: 'spawn', logic, ...options })
    const child: unknown = actor.system.get(options.systemId)
    if (child === undefined) throw new Error(`The database is closed: ${options.systemId} cannot be spawned`)
    return child as ActorRefFrom<Logic>
  }

  beforeClose(drain: Drain, undelivered?: () => Undelivered): () => void {
    this.#drains.set(drain, undelivered)
    return () => this.#drains.delete(drain)
  }

  countDropped(label: string, cause: string, count: number, lane: LaneName = 'background'): void {
    this.#parts.counters.countDropped(label, lane, cause, count)
  }

  countCoalesced(label: string, count: number, lane?: LaneName): void {
    this.#parts.counters.ledger?.coalesced(label, count, lane)
  }

  close(options: CloseOptions = {}): Promise<CloseReport> {
    this.#closed ??= this.#close(Math.min(options.deadlineMs ?? closeDeadlineMs, timerMsMax))
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(deadlineMs: number): Promise<CloseReport> {
    const { mailbox, writerDesk, shutDown } = this.#parts
    const endsAt = performance.now() + deadlineMs
    const hasBackup = writerDesk.backups.isRunning
    const backupEnded = within(leaveMs(deadlineMs), writerDesk.backups.close(closedFor(undefined)))
    // Nothing is held back for the log's sake any more: there is only so much time to write what waits.
    mailbox.restraint.lift()
    // What the drains hand over is still taken in; with none registered, nothing is any more.
    const undelivered = [...this.#drains.values()].filter((ask) => ask !== undefined)
    if (this.#drains.size > 0) {
      await within(
        deadlineMs,
        Promise.allSettled([...this.#drains.keys()].map(async (drain) => drain({ deadlineMs }))),
      )
    }
    mailbox.refuse((write) => closedFor(write.label))
    // The writer's thread has the copy open, and takes it away. Without one, reads in this thread are refused at once.
    if (hasBackup) await backupEnded
    await shutDown(Math.max(0, endsAt - performance.now()))
    this.#watches.close()
    return { notWritten: writerDesk.notWritten, ...valuesNotWritten(undelivered) }
  }
}

function closedFor(label: string | undefined): LockkeeperError {
  return notStored('The database is closed: open it again to write', { code: 'closed', label })
}
