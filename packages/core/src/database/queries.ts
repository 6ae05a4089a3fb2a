import { isLockkeeperError, LockkeeperError } from '../errors/lockkeeper-error.ts'
import { assertParameters, assertText } from '../mailbox/arguments.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { ReadDesk } from '../readers/desk.ts'
import type { ReadAnswer, ReadWork } from '../readers/read-work.ts'
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
    const answer = await this.#submit(options?.label, () => {
      assertText(sql)
      assertParameters(parameters)
      return { kind: 'query', sql, parameters: detach(parameters).value, first }
    })
    if (answer.kind !== 'rows') throw new Error('A query was answered without rows')
    return unpack(answer.rows)
  }

  async procedure<Output>(name: string, input: unknown, options: ReadOptions | undefined): Promise<Output> {
    const answer = await this.#submit(options?.label ?? name, () => ({
      kind: 'procedure',
      name,
      input: detach(input).value,
    }))
    if (answer.kind !== 'output') throw new Error('A procedure was answered without its output')
    return withBuffers(answer.output) as Output
  }

  #submit(label: string | undefined, work: () => ReadWork): Promise<Exclude<ReadAnswer, { kind: 'error' }>> {
    return new Promise((resolve, reject) => {
      try {
        this.#desk.submit({ work: work(), label, strikes: 0, answer: resolve, fail: reject })
      } catch (thrown) {
        reject(
          isLockkeeperError(thrown)
            ? new LockkeeperError(thrown.message, { ...thrown, cause: thrown.cause, label })
            : thrown,
        )
      }
    })
  }
}
