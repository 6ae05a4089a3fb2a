import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertParameters, assertReadOptions, assertText } from '../mailbox/arguments.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { ReadDesk } from '../readers/desk.ts'
import { type GoodAnswer, PendingRead } from '../readers/pending-read.ts'
import type { ReadWork } from '../readers/read-work.ts'
import type { PackedRows } from '../wire/rows.ts'
import { detach, withBuffers } from '../wire/values.ts'
import type { ReadOptions } from './types.ts'

/** The door of the read pool: checks a call, submits it and unpacks its answer. */
export class Queries {
  readonly #desk: ReadDesk

  constructor(desk: ReadDesk) {
    this.#desk = desk
  }

  async query<Result>(
    sql: string,
    parameters: SqlParameters | undefined,
    options: ReadOptions | undefined,
    { first = false, unpack }: { readonly first?: boolean; readonly unpack: (rows: PackedRows) => Result },
  ): Promise<Result> {
    const answer = await this.#submit(options, undefined, () => {
      assertText(sql)
      assertParameters(parameters)
      return { kind: 'query', sql, parameters: detach(parameters).value, first }
    })
    if (answer.kind !== 'rows') throw new Error('A query was answered without rows')
    return unpack(answer.rows)
  }

  async procedure<Output>(name: string, input: unknown, options: ReadOptions | undefined): Promise<Output> {
    const answer = await this.#submit(options, name, () => ({
      kind: 'procedure',
      name,
      input: detach(input).value,
    }))
    if (answer.kind !== 'output') throw new Error('A procedure was answered without its output')
    return withBuffers(answer.output) as Output
  }

  /** @param name its label, unless the caller gives it another. */
  #submit(options: ReadOptions = {}, name: string | undefined, work: () => ReadWork): Promise<GoodAnswer> {
    return new Promise((answer, fail) => {
      try {
        assertReadOptions(options)
        const { label = name, deadlineMs, signal } = options
        this.#desk.submit(new PendingRead({ work: work(), label, deadlineMs, signal, answer, fail }))
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
