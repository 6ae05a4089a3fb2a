import type { Connection } from '../engine/port.ts'
import { errorFromThrown, isBusy, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { errorToWire } from '../errors/wire.ts'
import { readTriesMax } from '../limits.ts'
import { type ProcedureTable, procedureOf } from '../procedures/load.ts'
import { runProcedure } from '../procedures/transaction.ts'
import { packRows } from '../wire/rows.ts'
import type { ReadAnswer, ReadWork } from './read-work.ts'

/**
 * Runs one read on a reader's connection. In WAL mode a reader meets SQLITE_BUSY only while another connection recovers
 * or restarts the log, which passes: it tries again, a bounded number of times, and counts.
 */
export function runRead(
  connection: Connection,
  procedures: ProcedureTable,
  work: ReadWork,
  busy: Record<string, number>,
): ReadAnswer {
  for (let tries = 1; ; tries++) {
    try {
      return work.kind === 'query'
        ? runQuery(connection, work)
        : runReadProcedure(connection, procedures, work)
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

function runQuery(connection: Connection, work: ReadWork & { kind: 'query' }): ReadAnswer {
  const statement = connection.prepare(work.sql)
  const rows = work.first
    ? [statement.firstArray(work.parameters)].filter((row) => row !== undefined)
    : statement.arrays(work.parameters)
  return { kind: 'rows', rows: packRows(statement.columns(), rows) }
}

function runReadProcedure(
  connection: Connection,
  procedures: ProcedureTable,
  work: ReadWork & { kind: 'procedure' },
): ReadAnswer {
  const { body } = procedureOf(procedures, work.name, 'read')
  connection.prepareOwn('begin').run(undefined)
  try {
    return { kind: 'output', output: runProcedure(connection, work.name, body, work.input) }
  } finally {
    if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
  }
}
