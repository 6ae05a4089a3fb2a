import type { Connection } from '../engine/port.ts'
import { jobsListedMax } from './limits.ts'
import type { OwnTables } from './types.ts'

/**
 * What Lockkeeper keeps in the file, as far as it is as it should be: a stranger's table may have one of its names. What jobs were
 * given and what they go on from is left alone: only the app that put it there should unpack it.
 */
export function readOwnTables(connection: Connection): OwnTables | undefined {
  const tables = connection
    .prepareOwn(
      `select name from sqlite_schema where type = 'table' and name like 'lockkeeper\\_%' escape '\\' order by name`,
    )
    .arrays(undefined)
    .map(([name]) => String(name))
  if (tables.length === 0) return undefined
  const has = (table: string, ...columns: readonly string[]): boolean =>
    tables.includes(table) &&
    connection
      .prepareOwn('select count(*) from pragma_table_info(?) where name in (select value from json_each(?))')
      .firstArray([table, JSON.stringify(columns)])?.[0] === columns.length
  const hasJobs = has('lockkeeper_jobs', 'id', 'procedure', 'status', 'steps', 'done', 'total')
  return {
    tables,
    migrations: has('lockkeeper_migrations', 'set', 'id', 'name') ? newestMigrations(connection) : [],
    jobs: hasJobs ? unfinishedJobs(connection) : [],
    jobsUnfinished: hasJobs ? Number(countJobs(connection)) : 0,
  }
}

function newestMigrations(connection: Connection): OwnTables['migrations'] {
  return connection
    .prepareOwn(
      'select "set", max(id), name from lockkeeper_migrations group by "set" order by "set" limit 100',
    )
    .arrays(undefined)
    .map(([set, id, name]) => ({ set: String(set), id: Number(id), name: String(name) }))
}

const unfinished = `from lockkeeper_jobs where status in ('running', 'paused')`

function unfinishedJobs(connection: Connection): OwnTables['jobs'] {
  const orNothing = (value: unknown): number | undefined => (value === null ? undefined : Number(value))
  return connection
    .prepareOwn(`select id, procedure, status, steps, done, total ${unfinished} order by rowid limit ?`)
    .arrays([jobsListedMax])
    .map(([id, procedure, status, steps, done, total]) => ({
      id: String(id),
      procedure: String(procedure),
      status: String(status),
      steps: Number(steps),
      done: orNothing(done),
      total: orNothing(total),
    }))
}

function countJobs(connection: Connection): unknown {
  return connection.prepareOwn(`select count(*) ${unfinished}`).firstArray(undefined)?.[0]
}
