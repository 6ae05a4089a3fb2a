import type { ActorRefFrom, AnyActorLogic, InputFrom } from 'xstate'
import type { InThreadReads } from '../in-thread/types.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { LaneName } from '../mailbox/lane-name.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import type { MaintenanceCalls } from '../maintenance/types.ts'
import type { Changes, ReadProcedure, SqlParameters, SqlValue, WriteProcedure } from '../procedures/define.ts'
import type { ProcedureModules, ProcedureReference, ReadsOf, WritesOf } from '../procedures/reference.ts'
import type { Report } from '../telemetry/report.ts'
import type { ReportListener, WatchReportOptions } from '../telemetry/report-watches.ts'
import type { Durability } from '../writer/durability.ts'
import type { DatabaseEvents } from './events.ts'
import type { ReadOptions, Snapshot, SnapshotOptions, StreamOptions } from './read-options.ts'
import type { Undelivered } from './undelivered.ts'

export type { DatabaseEvents } from './events.ts'
export type { ReadOptions, Snapshot, SnapshotOptions, StreamOptions } from './read-options.ts'

export interface WriteOptions {
  /** Which lane carries the write. Default `user`: somebody waits for it. */
  readonly lane?: LaneName | undefined
  /** The caller's name for this work (`peers.connect`); errors and telemetry carry it. */
  readonly label?: string | undefined
  /**
   * How long the write may wait for its turn, in milliseconds from now; then it is not stored and fails with
   * `deadline-exceeded`. With the signals extension it counts while the write runs, too: one that has then overstayed its
   * lane's slice is cut off, and answered likewise. Default: no limit.
   */
  readonly deadlineMs?: number | undefined
  /** What its acknowledgement survives: `process` (kill -9) or `power` (power loss). Default: the database's. */
  readonly durability?: Durability | undefined
  /** Another write's ticket: this one enters its lane only once that one has its outcome, whatever it is. */
  readonly after?: Ticket<unknown> | undefined
  /**
   * Hands the bytes among the parameters over instead of copying them: a Uint8Array that fills its ArrayBuffer is empty for
   * the caller afterwards.
   */
  readonly transfer?: boolean | undefined
  /**
   * Names the write for good. The key and the result are stored with it, in its transaction; a write with a key that is
   * stored already is not run again, but answered with the stored result. So it is safe to repeat after `unknown`.
   */
  readonly idempotencyKey?: string | undefined
  /**
   * Takes the write back while it waits: it is not stored and fails with `aborted`. Once it runs, its true outcome is
   * reported instead; with the signals extension, one that has overstayed its lane's slice is cut off, and answered likewise.
   */
  readonly signal?: AbortSignal | undefined
}

/** What an offer may say. Nobody waits for it, so it has neither deadline nor signal. */
export type OfferOptions = Pick<WriteOptions, 'lane' | 'label' | 'transfer'>

/** What a write statement answers: what it changed, and its rows if it has a RETURNING clause. */
export interface WriteResult<Row = Record<string, SqlValue>> extends Changes {
  readonly rows: readonly Row[]
}

/** A statement and its parameters, as query builders compile them (Kysely's `compile()` among them). */
export interface CompiledQuery {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** One statement of an atomic list. */
export type Statement = string | readonly [sql: string, parameters?: SqlParameters] | CompiledQuery

type Call<Input, Options, Answer> = undefined extends Input
  ? (input?: Input, options?: Options) => Answer
  : (input: Input, options?: Options) => Answer

/** `db.call.<module>.<procedure>(input, options)`: writes answer with a ticket, reads with a promise. */
export type Calls<Modules extends ProcedureModules> = {
  readonly [Name in keyof Modules]: {
    readonly [P in keyof WritesOf<Modules>[Name]]: WritesOf<Modules>[Name][P] extends WriteProcedure<
      infer Input,
      infer Output
    >
      ? Call<Input, WriteOptions, Ticket<Output>>
      : never
  } & {
    readonly [P in keyof ReadsOf<Modules>[Name]]: ReadsOf<Modules>[Name][P] extends ReadProcedure<
      infer Input,
      infer Output
    >
      ? Call<Input, ReadOptions, Promise<Output>>
      : never
  }
}

/** `snapshot.call.<module>.<procedure>`. */
export type ReadCalls<Modules extends ProcedureModules> = {
  readonly [Name in keyof Modules]: {
    readonly [P in keyof ReadsOf<Modules>[Name]]: ReadsOf<Modules>[Name][P] extends ReadProcedure<
      infer Input,
      infer Output
    >
      ? Call<Input, ReadOptions, Promise<Output>>
      : never
  }
}

/** `db.procedure.<module>.<procedure>`: a writing procedure's name with its types, to hand to a coalescer. */
export type References<Modules extends ProcedureModules> = {
  readonly [Name in keyof Modules]: {
    readonly [P in keyof WritesOf<Modules>[Name]]: WritesOf<Modules>[Name][P] extends WriteProcedure<
      infer Input,
      infer Output
    >
      ? ProcedureReference<Input, Output>
      : never
  }
}

export interface CloseOptions {
  /** How long queued writes may take to drain, in milliseconds. Default: see `limits.ts`. */
  readonly deadlineMs?: number | undefined
}

/** What close could not do: the writes that were not stored, by lane. */
export interface CloseReport {
  readonly notWritten: Readonly<Record<LaneName, number>>
  /** Values that coalescers held and did not write, by the label of their flushes. Undefined if there are none. */
  readonly valuesNotWritten?: Readonly<Record<string, number>> | undefined
}

/** An open database. Made by {@link openDatabase}. */
export interface Database<Modules extends ProcedureModules = Record<never, never>>
  extends AsyncDisposable,
    InThreadReads,
    MaintenanceCalls {
  readonly file: string

  /**
   * Writes one statement. Answers at once with a ticket; await it for the result, after COMMIT.
   * @throws nothing: a refused write is a ticket that fails.
   */
  write<Row = Record<string, SqlValue>>(
    sql: string,
    parameters?: SqlParameters,
    options?: WriteOptions,
  ): Ticket<WriteResult<Row>>
  write<Row = Record<string, SqlValue>>(
    query: CompiledQuery,
    options?: WriteOptions,
  ): Ticket<WriteResult<Row>>

  /** Writes several statements, all or none. */
  writeAtomic(statements: readonly Statement[], options?: WriteOptions): Ticket<readonly WriteResult[]>

  /**
   * Writes one statement many times, all or none: one item, one transaction. The rows are read in pieces while the call is
   * under way, so leave them alone until the ticket has its outcome. Everybody waits while it runs: use the `sync` lane for
   * bulk, and several calls where the rows need not be stored together.
   * The result counts the changes of all rows.
   */
  writeMany(sql: string, rows: Iterable<SqlParameters>, options?: WriteOptions): Ticket<WriteResult>

  /**
   * Best effort: hands in a write that nobody will ask after. Synchronous and O(1); never waits, never fails. Rides the
   * `background` lane unless told otherwise. What is dropped, or fails later, is counted by label and cause.
   * @returns whether it was taken in.
   */
  offer(sql: string, parameters?: SqlParameters, options?: OfferOptions): boolean

  /** All rows of a query, as objects. */
  read<Row = Record<string, SqlValue>>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Row[]>
  read<Row = Record<string, SqlValue>>(query: CompiledQuery, options?: ReadOptions): Promise<Row[]>
  /** The first row, or undefined. */
  readFirst<Row = Record<string, SqlValue>>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Row | undefined>
  /** The first column of the first row, or undefined. */
  readValue<Value = SqlValue>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Value | undefined>
  /** The first column of every row. */
  readColumn<Value = SqlValue>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Value[]>
  /** All rows, each as an array in the order of the query's columns. */
  readArrays<Row extends readonly unknown[] = SqlValue[]>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Row[]>

  /**
   * Several reads of one state. The function gets the snapshot; with it the scope ends, and its reader goes back. Inside, plain
   * reads go on as ever, on other readers. A snapshot inside a snapshot of the same class sees the outer one's state.
   *
   * @example
   * const [count, newest] = await db.snapshot(async (s) => [
   *   await s.readValue<number>('select count(*) from notes'),
   *   await s.readFirst('select * from notes order by rowid desc'),
   * ])
   *
   * @throws LockkeeperError `snapshot-expired` past its longest age, `snapshot-ended` for a read that outlives the scope, and
   * whatever the function throws.
   */
  snapshot<Result>(
    body: (snapshot: Snapshot<Modules>) => Result | Promise<Result>,
    options?: SnapshotOptions,
  ): Promise<Result>

  /**
   * The rows of a query one by one, for results too large to hold. Rows travel in chunks, one ahead of the consumer and no
   * more. Leaving the loop gives the reader back at once; an iterator that stands still too long loses it.
   *
   * @example
   * for await (const note of db.stream('select * from notes')) if (note.id === 'n1') break
   *
   * @throws LockkeeperError `stream-expired` if nobody asked for a row for too long.
   */
  stream<Row = Record<string, SqlValue>>(
    sql: string,
    parameters?: SqlParameters,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row, undefined, undefined>

  /** The procedures of the app's modules, ready to call. */
  readonly call: Calls<Modules>
  /** Resumable jobs: start, follow, pause, resume, cancel. */
  readonly jobs: Jobs<Modules>
  /** The same procedures by name, to hand to a coalescer. */
  readonly procedure: References<Modules>

  /** Counters and gauges since open. */
  report(): Report

  /**
   * A report now and then, for a dashboard: the first in the next turn of the event loop, the next ones `everyMs` after the listener
   * was through with the one before (what it answers is awaited), so that a slow listener gets fewer and none are piled up for it.
   * One that throws or rejects is warned of (`process.emitWarning`) and goes on. Keeps no process alive, and ends when the database
   * has closed.
   *
   * @example
   * const stop = db.watchReport((report) => draw(formatReport(report)), { everyMs: 500 })
   *
   * @returns what ends it.
   * @throws LockkeeperError `invalid-argument` (`everyMs` is 100 or more), `closed`.
   */
  watchReport(listener: ReportListener, options?: WatchReportOptions): () => void

  /** Listens to an event; the answer stops listening. */
  on<Name extends keyof DatabaseEvents>(
    event: Name,
    listener: (detail: DatabaseEvents[Name]) => void,
  ): () => void

  /**
   * Spawns an actor in the database's own actor system, under a fixed system id, as a child of the database: it shows in
   * the inspector beside the writer and stops with the database.
   */
  spawn<Logic extends AnyActorLogic>(
    logic: Logic,
    options: { readonly systemId: string; readonly input: InputFrom<Logic> },
  ): ActorRefFrom<Logic>

  /**
   * Registers work to be done when the database closes, before the lanes drain: an actor that holds writes back hands
   * them over here. The answer takes the registration back.
   *
   * @param undelivered asked at the very end for what the close report shall say.
   */
  beforeClose(
    drain: (options: { readonly deadlineMs: number }) => Promise<void>,
    undelivered?: () => Undelivered,
  ): () => void

  /** Counts best-effort work that an actor of yours has given up, in `report().drops`. @param cause an error's code. @param lane default `background`. */
  countDropped(label: string, cause: string, count: number, lane?: LaneName): void

  /**
   * Counts values that an actor of yours did not hand on as writes of their own, since they changed nothing or went on inside
   * another one, in `report().ledger`. Tell of many at once.
   */
  countCoalesced(label: string, count: number, lane?: LaneName): void

  /** Drains what is queued, within a deadline, ends every thread, and says what was not written. Idempotent. */
  close(options?: CloseOptions): Promise<CloseReport>
}
