import type { Connection } from '../engine/port.ts'
import { errorFromThrown, isBusy, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { errorToWire } from '../errors/wire.ts'
import { assertWanted } from '../interrupts/cancellation.ts'
import type { WorkGate } from '../interrupts/work-gate.ts'
import { readTriesMax } from '../limits.ts'
import { type ProcedureTable, procedureOf } from '../procedures/load.ts'
import { runProcedure } from '../procedures/transaction.ts'
import { packRows } from '../wire/rows.ts'
import type { ReadAnswer, ReadWork } from './read-work.ts'

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
 */
export function runRead(
  parts: ReaderParts,
  id: number,
  work: ReadWork,
  busy: Record<string, number>,
): ReadAnswer {
  for (let tries = 1; ; tries++) {
    try {
      return work.kind === 'query' ? runQuery(parts, id, work) : runReadProcedure(parts, id, work)
    } catch (thrown) {
      const code = sqliteCodeOf(thrown)
      if (isBusy(code)) busy[code] = (busy[code] ?? 0) + 1
      const passes = isBusy(code) || code === 'sqlite-protocol'
      if (!passes || tries === readTriesMax) {
        return { kind: 'error', error: errorToWire(errorFromThrown(thrown, { stage: 'read' })) }
      }
    }
  }
}

function runQuery(
  { connection, gate }: ReaderParts,
  id: number,
  work: ReadWork & { kind: 'query' },
): ReadAnswer {
  return interruptibly(gate, id, () => {
    const statement = connection.prepare(work.sql)
    const rows = work.first
      ? [statement.firstArray(work.parameters)].filter((row) => row !== undefined)
      : statement.arrays(work.parameters)
    // Before they are packed: the rows of a read that nobody waits for can be many.
    assertWanted(gate)
    return { kind: 'rows', rows: packRows(statement.columns(), rows) }
  })
}

function runReadProcedure(
  { connection, procedures, gate }: ReaderParts,
  id: number,
  work: ReadWork & { kind: 'procedure' },
): ReadAnswer {
  const { body } = procedureOf(procedures, work.name, 'read')
  // Both ends of the transaction lie outside the gate: a ROLLBACK that is interrupted would leave it open (promise 9).
  connection.prepareOwn('begin').run(undefined)
  try {
    return interruptibly(gate, id, () => ({
      kind: 'output',
      output: runProcedure(connection, work.name, body, work.input, gate),
    }))
  } finally {
    if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
  }
}

function interruptibly(gate: WorkGate, id: number, run: () => ReadAnswer): ReadAnswer {
  gate.enter(id)
  try {
    assertWanted(gate)
    return run()
  } finally {
    gate.leave()
  }
}
