import type { CompiledQuery, ReadOptions, Statement, WriteOptions } from '../database/types.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { MaintenanceTask } from '../maintenance/task.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { AtomicStatement } from '../writer/batch.ts'
import { laneNames } from './lane-name.ts'
import { WriteTicket } from './pending-write.ts'

/** A query builder's output, as `[sql, parameters]`. */
export function normalised(statement: Statement): AtomicStatement {
  const [sql, parameters] =
    typeof statement === 'string'
      ? [statement, undefined]
      : isCompiled(statement)
        ? [statement.sql, statement.parameters as SqlParameters]
        : asPair(statement)
  assertText(sql)
  assertParameters(parameters)
  return [sql, parameters]
}

function asPair(statement: unknown): readonly [string, SqlParameters?] {
  if (Array.isArray(statement)) return statement as unknown as readonly [string, SqlParameters?]
  throw invalid('a statement is its SQL, [sql, parameters] or { sql, parameters }')
}

export function isCompiled(value: unknown): value is CompiledQuery {
  return typeof value === 'object' && value !== null && 'sql' in value && 'parameters' in value
}

export function assertText(sql: unknown): asserts sql is string {
  if (typeof sql !== 'string') throw invalid(`the SQL is a string, not ${typeof sql}`)
}

/** Before anything is sent: the binding would say it later, in other words. */
export function assertParameters(parameters: unknown): void {
  if (parameters === undefined || Array.isArray(parameters)) return
  if (typeof parameters === 'object' && parameters !== null && !(parameters instanceof Uint8Array)) return
  throw invalid('parameters are an array, or an object for named ones')
}

export function assertOptions(options: WriteOptions): void {
  assertReadOptions(options)
  const { lane, durability, after, transfer, idempotencyKey } = options
  if (lane !== undefined && !laneNames.includes(lane)) {
    throw invalid(`lane is one of ${laneNames.join(', ')}, not ${String(lane)}`)
  }
  if (durability !== undefined && durability !== 'process' && durability !== 'power') {
    throw invalid(`durability is 'process' or 'power', not ${String(durability)}`)
  }
  if (after !== undefined && WriteTicket.writeOf(after) === undefined) {
    throw invalid('after is the ticket of another write of this database')
  }
  if (transfer !== undefined && typeof transfer !== 'boolean') throw invalid('transfer is true or false')
  if (idempotencyKey !== undefined && (typeof idempotencyKey !== 'string' || idempotencyKey === '')) {
    throw invalid('idempotencyKey is a string that names the write')
  }
}

/** What reads and writes may say alike. */
export function assertReadOptions(options: ReadOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('the options are an object')
  const { label, deadlineMs, signal } = options
  if (label !== undefined && typeof label !== 'string') throw invalid('label is a string')
  if (deadlineMs !== undefined && !(typeof deadlineMs === 'number' && deadlineMs >= 0)) {
    throw invalid(`deadlineMs is a number of milliseconds, not ${String(deadlineMs)}`)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('signal is an AbortSignal')
}

/** What comes from outside may be anything. */
export function assertTask(task: MaintenanceTask): void {
  if (!['checkpoint', 'optimize', 'vacuum', 'probe'].includes(task.name))
    throw invalid(`there is no maintenance called ${String(task.name)}`)
  if (task.name === 'checkpoint' && task.mode !== 'passive' && task.mode !== 'truncate')
    throw invalid(`mode is 'passive' or 'truncate', not ${String(task.mode)}`)
}

export function invalid(why: string): LockkeeperError {
  return new LockkeeperError(`Invalid call: ${why}`, { code: 'invalid-argument', stage: 'admission' })
}
