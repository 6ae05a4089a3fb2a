import type { Connection, Statement } from '../engine/port.ts'
import { errorFromThrown, isBusy, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { errorToWire } from '../errors/wire.ts'
import { assertWanted } from '../interrupts/cancellation.ts'
import type { WorkGate } from '../interrupts/work-gate.ts'
import { readTriesMax } from '../limits.ts'
import { type ProcedureTable, procedureOf } from '../procedures/load.ts'
import { runProcedure } from '../procedures/transaction.ts'
import { withPlainParameters } from '../sql/plain-parameters.ts'
import type { ReadAnswers } from './answers-message.ts'
import type { ReadWork } from './read-work.ts'

/** What a reader's thread reads with. */
export interface ReaderParts {
  readonly connection: Connection
  readonly procedures: ProcedureTable
  /** Says which read runs, so that an interrupt hits no other. */
  readonly gate: WorkGate
}

/**
 * Runs one read on a reader's connection. In WAL mode a reader meets SQLITE_BUSY only while another connection recovers
 * or restarts the log, which passes: it tries again, a bounded number of times, and counts.
 *
 * @param id the read's number, from 1: where its caller has given that one up, it is not begun, or ends between two of its
 * statements, or its rows are dropped.
 * @returns whether it was run; not if it was taken back, to be run elsewhere.
 */
export function runRead(parts: ReaderParts, id: number, work: ReadWork, answers: ReadAnswers): boolean {
  for (let tries = 1; ; tries++) {
    try {
      if (work.kind === 'query') return runQuery(parts, id, work, answers)
      if (work.kind === 'plan') return runPlan(parts, id, work, answers)
      return runReadProcedure(parts, id, work, answers)
    } catch (thrown) {
      if (passes(thrown, answers.busy) && tries < readTriesMax) continue
      answers.add({ kind: 'error', error: errorToWire(errorFromThrown(thrown, { stage: 'read' })) })
      return true
    }
  }
}

/** Whether the error is one that passes by itself; every busy answer met is counted. */
export function passes(thrown: unknown, busy: Record<string, number>): boolean {
  const code = sqliteCodeOf(thrown)
  if (isBusy(code)) busy[code] = (busy[code] ?? 0) + 1
  return isBusy(code) || code === 'sqlite-protocol'
}

function runQuery(
  { connection, gate }: ReaderParts,
  id: number,
  work: ReadWork & { kind: 'query' },
  answers: ReadAnswers,
): boolean {
  if (!gate.tryEnter(id)) return false
  try {
    assertWanted(gate)
    const statement = connection.prepare(work.sql)
    const rows =
      connection.signals === undefined ? rowsOneByOne(statement, work, gate) : rowsOf(statement, work)
    // Before they are packed: the rows of a read that nobody waits for can be many.
    assertWanted(gate)
    answers.addRows(work.shape, rows)
    return true
  } finally {
    gate.leave()
  }
}

/** Where nothing can be interrupted, what was given up ends between two rows at least. */
function rowsOneByOne(statement: Statement, work: ReadWork & { kind: 'query' }, gate: WorkGate): unknown[] {
  const { shape, parameters } = work
  if (!statement.yieldsRows || shape === 'firstObject' || shape === 'firstArray')
    return rowsOf(statement, work)
  const rows: unknown[] = []
  for (const row of statement.iterate(parameters, shape === 'objects')) {
    rows.push(row)
    assertWanted(gate)
  }
  return rows
}

function rowsOf(statement: Statement, { shape, parameters }: ReadWork & { kind: 'query' }): unknown[] {
  if (!statement.yieldsRows) {
    // A savepoint, inside a snapshot.
    statement.run(parameters)
    return []
  }
  if (shape === 'objects') return statement.objects(parameters)
  if (shape === 'arrays') return statement.arrays(parameters)
  const row = shape === 'firstObject' ? statement.firstObject(parameters) : statement.firstArray(parameters)
  return row === undefined ? [] : [row]
}

function runPlan(
  { connection, gate }: ReaderParts,
  id: number,
  work: ReadWork & { kind: 'plan' },
  answers: ReadAnswers,
): boolean {
  if (!gate.tryEnter(id)) return false
  try {
    assertWanted(gate)
    const { sql, count } = withPlainParameters(work.sql)
    answers.addRows('arrays', connection.planOf(sql).arrays(Array(count).fill(null)))
    return true
  } finally {
    gate.leave()
  }
}

function runReadProcedure(
  { connection, procedures, gate }: ReaderParts,
  id: number,
  work: ReadWork & { kind: 'procedure' },
  answers: ReadAnswers,
): boolean {
  const { body } = procedureOf(procedures, work.name, 'read')
  // In a snapshot it reads what the others there read. Both ends of a transaction of its own lie outside the gate: a ROLLBACK
  // that is interrupted would leave it open (promise 9).
  const own = !connection.inTransaction
  if (own) connection.prepareOwn('begin').run(undefined)
  let output: unknown
  try {
    if (!gate.tryEnter(id)) return false
    try {
      assertWanted(gate)
      output = runProcedure(connection, work.name, body, work.input, gate)
    } finally {
      gate.leave()
    }
  } finally {
    if (own) rollBack(connection)
  }
  answers.add({ kind: 'output', output })
  return true
}

/** A ROLLBACK that fails is not the caller's: the connection is found open then, and replaced (promise 9). */
function rollBack(connection: Connection): void {
  try {
    if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
  } catch {
    // Seen by what is left open.
  }
}
