import type { PendingWrite } from '../mailbox/pending-write.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { PendingRead } from '../readers/pending-read.ts'
import type { ReadClass } from '../readers/read-class.ts'
import { cut } from './cut.ts'
import type { SlowEntry } from './ledger-report.ts'
import { slowKept, slowSqlCharactersMax } from './limits.ts'
import { shapesOf, valuesOf } from './parameter-shapes.ts'
import { Ring } from './ring.ts'

export interface SlowLogOptions {
  readonly slowMs: number
  /** Whether parameters are kept as they are. */
  readonly values: boolean
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined
}

/** What a slow entry shows of a statement. */
interface Shown {
  readonly sql: string
  readonly parameters: SqlParameters | undefined
  /** Whether it is one, which has a plan; a list of several has none. */
  readonly isOne?: boolean
}

type Kept = Omit<SlowEntry, 'plan'>

/** The last writes, reads and waits for another process's lock that were slow, a bounded number of each. */
export class SlowLog {
  readonly slowMs: number
  /** Told of a slow statement whose plan can be asked for. */
  onStatement: ((sql: string) => void) | undefined
  readonly #values: boolean
  readonly #now: () => number
  readonly #rings = {
    write: new Ring<Kept>(slowKept),
    read: new Ring<Kept>(slowKept),
    begin: new Ring<Kept>(slowKept),
  }

  constructor({ slowMs, values, now = Date.now }: SlowLogOptions) {
    this.slowMs = slowMs
    this.#values = values
    this.#now = now
  }

  write(write: PendingWrite, waitMs: number, runMs: number, changes: number): void {
    const { label, lane, work } = write
    const rows = work.kind === 'statement' || work.kind === 'bulk' ? changes : undefined
    const statement = statementOf(write)
    this.#keep({ kind: 'write', label, lane, class: undefined, waitMs, runMs, rows }, statement)
  }

  read(
    read: PendingRead,
    to: ReadClass,
    { waitMs, runMs, rows }: Pick<SlowEntry, 'waitMs' | 'runMs' | 'rows'>,
  ): void {
    const { label, work } = read
    const statement = work.kind === 'query' ? work : undefined
    this.#keep({ kind: 'read', label, lane: undefined, class: to, waitMs, runMs, rows }, statement)
  }

  /** @param write the first of those that waited for the lock. */
  begin({ label, lane }: PendingWrite, waitMs: number): void {
    this.#keep({ kind: 'begin', label, lane, class: undefined, waitMs, runMs: 0, rows: undefined }, undefined)
  }

  /** Oldest first. @param planOf what is known of a statement's plan. */
  report(planOf: (sql: string) => readonly string[] | undefined): SlowEntry[] {
    const { write, read, begin } = this.#rings
    return [write, read, begin]
      .flatMap((ring) => ring.toArray())
      .sort((one, other) => one.at - other.at)
      .map((entry) => ({ ...entry, plan: entry.sql === undefined ? undefined : planOf(entry.sql) }))
  }

  get bytes(): number {
    const { write, read, begin } = this.#rings
    return [write, read, begin]
      .flatMap((ring) => ring.toArray())
      .reduce((sum, { sql, parameters }) => sum + 200 + (sql?.length ?? 0) + parameters.join().length, 0)
  }

  #keep(
    entry: Omit<Kept, 'at' | 'label' | 'sql' | 'parameters'> & { readonly label: string | undefined },
    statement: Shown | undefined,
  ): void {
    const describe = this.#values ? valuesOf : shapesOf
    this.#rings[entry.kind].push({
      ...entry,
      label: entry.label ?? 'unlabelled',
      at: this.#now(),
      sql: statement && cut(statement.sql, slowSqlCharactersMax),
      parameters: describe(statement?.parameters),
    })
    // A text that was cut has no plan.
    if (statement === undefined || statement.sql.length > slowSqlCharactersMax) return
    if (statement.isOne !== false) this.onStatement?.(statement.sql)
  }
}

/** A bulk write's rows are no longer here, and a list has no parameters of its own. */
function statementOf({ work }: PendingWrite): Shown | undefined {
  switch (work.kind) {
    case 'statement':
      return work
    case 'bulk':
      return { sql: work.sql, parameters: undefined }
    case 'atomic':
      return {
        sql: work.statements.map(([sql]) => sql).join(';\n'),
        parameters: undefined,
        isOne: work.statements.length === 1,
      }
    default:
      return undefined
  }
}
