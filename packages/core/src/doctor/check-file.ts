import type { Clock } from '../clock.ts'
import type { Connection } from '../engine/port.ts'
import { sqliteCodeOf } from '../errors/from-sqlite.ts'
import { checkMsMax, checkProblemsMax } from './limits.ts'
import type { FileCheck } from './types.ts'

/**
 * Checks table by table, in the order in which they were made, until the time is up. One table is checked whole:
 * SQLite can't be stopped inside it without the signals extension. What belongs to no table, the freelist, is not looked at.
 */
export function checkFile(connection: Connection, clock: Pick<Clock, 'now'>): FileCheck {
  const endsAtMs = clock.now() + checkMsMax
  const tables = connection
    .prepareOwn(`select name from sqlite_schema where type = 'table' and rootpage > 0 order by rowid`)
    .arrays(undefined)
    .map(([name]) => String(name))
  const problems: string[] = []
  let checked = 0
  for (const table of tables) {
    if (clock.now() >= endsAtMs || problems.length >= checkProblemsMax) break
    problems.push(...problemsOf(connection, table))
    checked++
  }
  const isInTime = checked === tables.length && clock.now() < endsAtMs
  return {
    problems: problems.slice(0, checkProblemsMax),
    orphans: isInTime && problems.length === 0 ? orphansIn(connection) : [],
    tablesChecked: checked,
    tablesLeft: tables.slice(checked),
  }
}

function problemsOf(connection: Connection, table: string): string[] {
  const name = `"${table.replaceAll('"', '""')}"`
  const check = connection.prepareOwn(`pragma quick_check(${name})`)
  return linesOf(() => check.arrays(undefined).map(([problem]) => String(problem)))
    .filter((problem) => problem !== 'ok')
    .map((problem) => `${table}: ${problem.replaceAll(/\s+/g, ' ')}`)
}

/** Damage in the wrong place ends the check itself. */
function linesOf(check: () => string[]): string[] {
  try {
    return check()
  } catch (thrown) {
    if (sqliteCodeOf(thrown)?.startsWith('sqlite-corrupt') !== true) throw thrown
    return [(thrown as Error).message]
  }
}

function orphansIn(connection: Connection): FileCheck['orphans'] {
  return connection
    .prepareOwn(
      'select "table", parent, count(*) from pragma_foreign_key_check group by 1, 2 order by 3 desc limit ?',
    )
    .arrays([checkProblemsMax])
    .map(([table, parent, rows]) => ({ table: String(table), parent: String(parent), rows: Number(rows) }))
}
