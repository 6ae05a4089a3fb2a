import type { Clock } from '../clock.ts'
import type { Connection } from '../engine/port.ts'
import { sqliteCodeOf } from '../errors/from-sqlite.ts'
import { checkMsMax, checkProblemsMax, checkWholeBytesMax } from './limits.ts'
import type { FileCheck } from './types.ts'

/**
 * Checks a file that is not too long as a whole. A longer one is checked table by table, in the order in which they were made, until
 * the time is up: then one table is what SQLite can't be stopped in, and a page that two tables have, or none, is not found.
 */
export function checkFile(
  connection: Connection,
  clock: Pick<Clock, 'now'>,
  wholeBytesMax = checkWholeBytesMax,
): FileCheck {
  const endsAtMs = clock.now() + checkMsMax
  const tables = connection
    .prepareOwn(`select name from sqlite_schema where type = 'table' and rootpage > 0 order by rowid`)
    .arrays(undefined)
    .map(([name]) => String(name))
  const isWhole = bytesIn(connection) <= wholeBytesMax
  const problems = isWhole ? problemsOf(connection, String(checkProblemsMax)) : []
  let checked = isWhole ? tables.length : 0
  while (checked < tables.length && clock.now() < endsAtMs && problems.length < checkProblemsMax) {
    const table = tables[checked++] ?? ''
    problems.push(
      ...problemsOf(connection, `"${table.replaceAll('"', '""')}"`).map((problem) => `${table}: ${problem}`),
    )
  }
  const hasTime = checked === tables.length && clock.now() < endsAtMs
  return {
    isWhole,
    problems: problems.slice(0, checkProblemsMax),
    orphans: hasTime && problems.length === 0 ? orphansIn(connection) : [],
    tablesChecked: checked,
    tablesLeft: tables.slice(checked),
  }
}

function bytesIn(connection: Connection): number {
  const [bytes] = connection
    .prepareOwn('select page_count * page_size from pragma_page_count, pragma_page_size')
    .firstArray(undefined) as [number]
  return bytes
}

/** @param what a table, or how many problems to list of the whole file. */
function problemsOf(connection: Connection, what: string): string[] {
  const check = connection.prepareOwn(`pragma quick_check(${what})`)
  return linesOf(() => check.arrays(undefined).map(([problem]) => String(problem)))
    .filter((problem) => problem !== 'ok')
    .map((problem) => problem.replaceAll(/\s+/g, ' '))
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
