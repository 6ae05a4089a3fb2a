import { AsyncLocalStorage } from 'node:async_hooks'
import { systemClock } from '../clock.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { snapshotAgeMsMax, streamIdleMsMax, timerMsMax } from '../limits.ts'
import { assertParameters, assertReadOptions, assertText, invalid } from '../mailbox/arguments.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { ProcedureKinds } from '../procedures/load.ts'
import type { ReadDesk } from '../readers/desk.ts'
import type { ReadClass } from '../readers/read-class.ts'
import { SnapshotLease, snapshotEnded } from '../readers/snapshot-lease.ts'
import { StreamLease } from '../readers/stream-lease.ts'
import { detach } from '../wire/values.ts'
import { makeReadCalls } from './calls.ts'
import { awaitedOf, classOf, Queries } from './queries.ts'
import { RowIterator } from './row-iterator.ts'
import type { Snapshot, SnapshotOptions, StreamOptions } from './types.ts'

/** Reads that keep a reader for longer: snapshots and streams. */
export class Scopes {
  readonly #desk: ReadDesk
  readonly #kinds: ProcedureKinds
  /** The snapshots that the running code is inside of. */
  readonly #inside = new AsyncLocalStorage<ReadonlyMap<ReadClass, SnapshotLease>>()

  constructor(desk: ReadDesk, kinds: ProcedureKinds) {
    this.#desk = desk
    this.#kinds = kinds
  }

  /**
   * The class that a plain read goes to. Inside a snapshot that has taken the only reader of its class, others of that class
   * would wait for the scope that waits for them.
   */
  route(to: ReadClass): ReadClass {
    const lease = this.#inside.getStore()?.get(to)
    return lease?.takesReads && this.#desk.classes[to].serving <= 1 ? 'interactive' : to
  }

  async snapshot<Result>(
    body: (snapshot: Snapshot) => Result | Promise<Result>,
    options: SnapshotOptions = {},
  ): Promise<Result> {
    if (typeof body !== 'function') throw invalid('snapshot takes a function, and gives it the snapshot')
    assertReadOptions(options)
    const { label, deadlineMs, signal } = options
    const ageMsMax = durationOf('ageMsMax', options.ageMsMax, snapshotAgeMsMax)
    const after = awaitedOf(options.after)
    const to = this.route(classOf(options))
    const inside = this.#inside.getStore()
    const outer = inside?.get(to)
    // A second reader could be one too many: it sees what the outer scope sees.
    if (outer?.takesReads) {
      assertFitsInside(options)
      return this.#run(body, outer, inside ?? new Map())
    }
    const desk = this.#desk
    const lease = new SnapshotLease({
      readClass: to,
      label,
      deadlineMs,
      signal,
      after,
      ageMsMax,
      desk,
      clock: systemClock,
    })
    desk.submitTenant(lease, to)
    await lease.begun
    try {
      return await this.#run(body, lease, new Map(inside).set(to, lease))
    } finally {
      lease.end()
    }
  }

  stream<Row>(
    sql: string,
    parameters: SqlParameters | undefined,
    options: StreamOptions = {},
  ): AsyncIterableIterator<Row, undefined, undefined> {
    return new RowIterator<Row>((taken) => this.#openStream(sql, parameters, options, taken))
  }

  #openStream<Row>(
    sql: string,
    parameters: SqlParameters | undefined,
    options: StreamOptions,
    taken: () => number,
  ): StreamLease<Row> {
    assertText(sql)
    assertParameters(parameters)
    assertReadOptions(options)
    const { label, deadlineMs, signal } = options
    const idleMsMax = durationOf('idleMsMax', options.idleMsMax, streamIdleMsMax)
    const to = this.route(classOf(options))
    const values = parameters === undefined ? undefined : detach(parameters).value
    const desk = this.#desk
    const lease = new StreamLease<Row>({
      sql,
      parameters: values,
      label,
      deadlineMs,
      signal,
      after: awaitedOf(options.after),
      taken,
      idleMsMax,
      desk,
      clock: systemClock,
    })
    desk.submitTenant(lease, to)
    return lease
  }

  async #run<Result>(
    body: (snapshot: Snapshot) => Result | Promise<Result>,
    lease: SnapshotLease,
    inside: ReadonlyMap<ReadClass, SnapshotLease>,
  ): Promise<Result> {
    let isOver = false
    const queries = new Queries((read, _, { after }) => {
      if (after !== undefined) throw fixedState()
      if (isOver) this.#desk.fail(read, snapshotEnded(lease.label))
      else lease.submit(read)
    })
    const snapshot = {
      read: queries.read.bind(queries),
      readFirst: queries.readFirst.bind(queries),
      readValue: queries.readValue.bind(queries),
      readColumn: queries.readColumn.bind(queries),
      readArrays: queries.readArrays.bind(queries),
      call: makeReadCalls(this.#kinds, queries),
    } as Snapshot
    try {
      return await this.#inside.run(inside, async () => body(snapshot))
    } finally {
      // Of a scope inside another it is only the handle that ends.
      isOver = true
    }
  }
}

/** What a snapshot inside another one can't have for itself, since it is the other’s. */
function assertFitsInside({ deadlineMs, signal, after, ageMsMax }: SnapshotOptions): void {
  if (after !== undefined) throw fixedState()
  if (deadlineMs === undefined && signal === undefined && ageMsMax === undefined) return
  throw invalid(
    'a snapshot inside another one of its class is that one: give deadlineMs, signal and ageMsMax to the outer one, or to its reads',
  )
}

function fixedState(): LockkeeperError {
  return invalid('what a snapshot sees was fixed when it began: give after to the outermost snapshot()')
}

function durationOf(name: string, value: unknown, preset: number): number {
  if (value === undefined) return preset
  if (typeof value === 'number' && value > 0) return Math.min(value, timerMsMax)
  throw invalid(`${name} is a number of milliseconds above 0, not ${String(value)}`)
}
