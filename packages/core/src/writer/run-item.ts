import type { Connection } from '../engine/port.ts'
import { assertChanges } from '../engine/statement-rules.ts'
import type { Cancellation } from '../interrupts/cancellation.ts'
import type { JobRunner } from '../jobs/run-job.ts'
import { runTask } from '../maintenance/run-task.ts'
import type { Changes, SqlParameters } from '../procedures/define.ts'
import { type ProcedureTable, procedureOf } from '../procedures/load.ts'
import { runProcedure, type Urgency } from '../procedures/transaction.ts'
import { type PackedRows, packRows } from '../wire/rows.ts'
import type { AtomicAnswer, AtomicStatement, ItemAnswer, WriteWork } from './batch.ts'
import type { BulkStore } from './bulk-store.ts'

export interface ItemResult {
  readonly changes: Changes | undefined
  readonly answer: ItemAnswer | undefined
}

export interface ItemParts {
  readonly connection: Connection
  readonly procedures: ProcedureTable
  readonly jobs: JobRunner
  readonly bulks: BulkStore
  /** Says whether the item's caller has given it up, and whether somebody more urgent waits. */
  readonly control: Urgency & { readonly gate: Cancellation }
}

/** Runs one item inside the open transaction; throws what it throws. */
export function runItem(
  { connection, procedures, jobs, bulks, control }: ItemParts,
  work: WriteWork,
): ItemResult {
  switch (work.kind) {
    case 'statement':
      return runStatement(connection, work.sql, work.parameters)
    case 'atomic':
      return { changes: undefined, answer: { kind: 'atomic', results: runAll(connection, work.statements) } }
    case 'procedure': {
      const { body } = procedureOf(procedures, work.name, 'write')
      const output = runProcedure(connection, work.name, body, work.input, control.gate, control)
      return { changes: undefined, answer: { kind: 'output', output } }
    }
    case 'bulk':
      return { changes: bulks.run(connection, work.sql, work.id), answer: undefined }
    case 'job':
      return { changes: undefined, answer: { kind: 'job', state: jobs.run(work.order) } }
    case 'maintenance':
      return { changes: undefined, answer: { kind: 'output', output: runTask(connection, work.task) } }
  }
}

function runAll(connection: Connection, statements: readonly AtomicStatement[]): AtomicAnswer[] {
  const answers: AtomicAnswer[] = []
  for (const [sql, parameters] of statements) {
    const { changes, answer } = runStatement(connection, sql, parameters)
    answers.push({ ...changes, rows: answer?.rows })
    // `OR ROLLBACK` and its like throw, but a later statement must never run outside the transaction.
    if (!connection.inTransaction) break
  }
  return answers
}

/** What a statement came to, in the shape in which most items come to nothing more. */
interface StatementResult {
  readonly changes: Changes
  readonly answer: { readonly kind: 'rows'; readonly rows: PackedRows } | undefined
}

function runStatement(
  connection: Connection,
  sql: string,
  parameters: SqlParameters | undefined,
): StatementResult {
  const statement = connection.prepare(sql)
  assertChanges(statement)
  if (!statement.yieldsRows) return { changes: statement.run(parameters), answer: undefined }
  const arrays = statement.arrays(parameters)
  const changes = connection.lastChanges()
  return { changes, answer: { kind: 'rows', rows: packRows(statement.columns(), arrays) } }
}
