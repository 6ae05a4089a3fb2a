import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertParameters, assertReadOptions, assertText, invalid, isCompiled } from '../mailbox/arguments.ts'
import { WriteTicket } from '../mailbox/pending-write.ts'
import type { SqlParameters, SqlValue } from '../procedures/define.ts'
import { type GoodAnswer, PendingRead, type Settling } from '../readers/pending-read.ts'
import { type ReadClass, readClasses } from '../readers/read-class.ts'
import type { ReadWork, RowShape } from '../readers/read-work.ts'
import { type PackedRows, unpackArrays, unpackColumn, unpackObjects } from '../wire/rows.ts'
import { detach, withBuffers } from '../wire/values.ts'
import type { CompiledQuery, ReadOptions } from './types.ts'

/** Where a door’s reads go: to the pool, or into a snapshot. */
export type ReadSink = (read: PendingRead, to: ReadClass, options: ReadOptions) => void

type Unpack<Result> = (rows: PackedRows, from: number, count: number) => Result

/** The door of the readers: checks a call, submits it and unpacks its answer. */
export class Queries {
  readonly #sink: ReadSink

  constructor(sink: ReadSink) {
    this.#sink = sink
  }

  read<Row>(
    query: string | CompiledQuery,
    second?: SqlParameters | ReadOptions,
    third?: ReadOptions,
  ): Promise<Row[]> {
    if (isCompiled(query)) {
      return this.#query(
        query.sql,
        query.parameters as SqlParameters,
        second as ReadOptions | undefined,
        'objects',
        unpackObjects as Unpack<Row[]>,
      )
    }
    return this.#query(
      query,
      second as SqlParameters | undefined,
      third,
      'objects',
      unpackObjects as Unpack<Row[]>,
    )
  }

  readFirst<Row>(sql: string, parameters?: SqlParameters, options?: ReadOptions): Promise<Row | undefined> {
    return this.#query(sql, parameters, options, 'firstObject', firstObject as Unpack<Row | undefined>)
  }

  readValue<Value>(
    sql: string,
    parameters?: SqlParameters,
    options?: ReadOptions,
  ): Promise<Value | undefined> {
    return this.#query(sql, parameters, options, 'firstArray', firstValue as Unpack<Value | undefined>)
  }

  readColumn<Value>(sql: string, parameters?: SqlParameters, options?: ReadOptions): Promise<Value[]> {
    return this.#query(sql, parameters, options, 'arrays', unpackColumn as Unpack<Value[]>)
  }

  readArrays<Row>(sql: string, parameters?: SqlParameters, options?: ReadOptions): Promise<Row[]> {
    return this.#query(sql, parameters, options, 'arrays', unpackArrays as Unpack<Row[]>)
  }

  procedure<Output>(name: string, input: unknown, options: ReadOptions | undefined): Promise<Output> {
    return this.#submit(
      options,
      name,
      () => ({ kind: 'procedure', name, input: detach(input).value }),
      (answer) => {
        if (answer.kind !== 'output') throw new Error('A procedure was answered without its output')
        return withBuffers(answer.output) as Output
      },
    )
  }

  #query<Result>(
    sql: string,
    parameters: SqlParameters | undefined,
    options: ReadOptions | undefined,
    shape: RowShape,
    unpack: Unpack<Result>,
  ): Promise<Result> {
    return this.#submit(
      options,
      undefined,
      () => {
        assertText(sql)
        assertParameters(parameters)
        return {
          kind: 'query',
          sql,
          parameters: parameters === undefined ? undefined : detach(parameters).value,
          shape,
        }
      },
      (answer) => {
        if (answer.kind !== 'rows') throw new Error('A query was answered without rows')
        return unpack(answer.rows, answer.from, answer.count)
      },
    )
  }

  /** @param name its label, unless the caller gives it another. */
  #submit<Result>(
    options: ReadOptions = none,
    name: string | undefined,
    work: () => ReadWork,
    unpack: (answer: GoodAnswer) => Result,
  ): Promise<Result> {
    return new Promise((resolve, fail) => {
      const answer = (good: GoodAnswer): void => {
        try {
          resolve(unpack(good))
        } catch (thrown) {
          fail(thrown)
        }
      }
      try {
        assertReadOptions(options)
        const { label = name, deadlineMs, signal } = options
        const after = awaitedOf(options.after)
        const to = classOf(options)
        this.#sink(
          new PendingRead({ work: work(), label, deadlineMs, signal, after, answer, fail }),
          to,
          options,
        )
      } catch (thrown) {
        const label = options?.label ?? name
        fail(
          isLockkeeperError(thrown)
            ? new LockkeeperError(thrown.message, { ...thrown, cause: thrown.cause, label })
            : thrown,
        )
      }
    })
  }
}

const none: ReadOptions = {}

export function classOf({ class: name = 'interactive' }: ReadOptions): ReadClass {
  if (readClasses.includes(name)) return name
  throw invalid(`class is one of ${readClasses.join(', ')}, not ${String(name)}`)
}

/** @returns what is to be waited for; undefined if it has its outcome already. */
export function awaitedOf(after: unknown): Settling | undefined {
  if (after === undefined) return undefined
  const write = WriteTicket.writeOf(after)
  if (write !== undefined) return write.settled ? undefined : write
  if (isSettling(after)) return after
  throw invalid('after is the ticket of a write, or what a coalescer’s pending() gives')
}

function isSettling(after: unknown): after is Settling {
  return typeof after === 'object' && after !== null && typeof (after as Settling).whenSettled === 'function'
}

function firstObject(rows: PackedRows, from: number, count: number): Record<string, SqlValue> | undefined {
  return count === 0 ? undefined : (unpackObjects(rows, from, 1)[0] as Record<string, SqlValue>)
}

function firstValue(rows: PackedRows, from: number, count: number): unknown {
  return count === 0 ? undefined : unpackColumn(rows, from, 1)[0]
}
