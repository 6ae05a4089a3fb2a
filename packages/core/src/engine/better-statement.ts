import type Database from 'better-sqlite3'
import type { Changes, SqlParameters } from '../procedures/define.ts'
import type { Statement } from './port.ts'

/** Runs a statement as its connection wants it run. */
export type RunGuard = (run: () => Changes) => Changes

/** A statement of better-sqlite3’s behind the port. */
export class BetterStatement implements Statement {
  readonly sql: string
  readonly yieldsRows: boolean
  readonly readsOnly: boolean
  readonly #statement: Database.Statement<unknown[]>
  readonly #around: RunGuard | undefined
  #isRaw = false

  constructor(statement: Database.Statement<unknown[]>, around?: RunGuard) {
    this.#statement = statement
    this.#around = around
    // Read once: these are asked before every run, and each is a call into the binding.
    this.sql = statement.source
    this.yieldsRows = statement.reader
    this.readsOnly = statement.readonly
  }

  columns(): string[] {
    // Never kept: any run may compile the statement anew, and names follow the schema even without a star (a column’s case,
    // a rowid that got a name, a view that was made again). Nothing on a statement tells that it happened.
    return this.#statement.columns().map((column) => column.name)
  }

  run(parameters: SqlParameters | undefined): Changes {
    return this.#around === undefined ? this.#run(parameters) : this.#around(() => this.#run(parameters))
  }

  #run(parameters: SqlParameters | undefined): Changes {
    return parameters === undefined ? this.#statement.run() : this.#statement.run(parameters)
  }

  objects(parameters: SqlParameters | undefined): unknown[] {
    const statement = this.#shaped(false)
    return parameters === undefined ? statement.all() : statement.all(parameters)
  }

  arrays(parameters: SqlParameters | undefined): unknown[][] {
    const statement = this.#shaped(true)
    return (parameters === undefined ? statement.all() : statement.all(parameters)) as unknown[][]
  }

  firstObject(parameters: SqlParameters | undefined): unknown {
    const statement = this.#shaped(false)
    return parameters === undefined ? statement.get() : statement.get(parameters)
  }

  firstArray(parameters: SqlParameters | undefined): unknown[] | undefined {
    const statement = this.#shaped(true)
    return (parameters === undefined ? statement.get() : statement.get(parameters)) as unknown[] | undefined
  }

  iterate(parameters: SqlParameters | undefined, named: boolean): IterableIterator<unknown> {
    const statement = this.#shaped(!named)
    return parameters === undefined ? statement.iterate() : statement.iterate(parameters)
  }

  /** Told only what changes: each telling is a call into the binding, some 3 % of a point read. */
  #shaped(isRaw: boolean): Database.Statement<unknown[]> {
    if (isRaw !== this.#isRaw) {
      this.#statement.raw(isRaw)
      this.#isRaw = isRaw
    }
    return this.#statement
  }
}
