import type { Connection } from '../engine/port.ts'
import { firstKeyword, hasPlan } from '../engine/statement-rules.ts'
import { adviseOnFile, type TableShape } from './advise.ts'
import { withPlainParameters } from './parameters.ts'
import type { StatementPlan } from './types.ts'

/** Asks how SQLite would go about a statement, and runs nothing of it. */
export function planStatement(connection: Connection, sql: string): StatementPlan {
  if (!hasPlan(sql)) {
    const word = firstKeyword(sql).toUpperCase()
    return { sql, plan: undefined, refused: `a statement that begins with ${word} has no plan` }
  }
  try {
    const { sql: text, count } = withPlainParameters(sql)
    const steps = connection.planOf(text).arrays(Array(count).fill(null))
    const plan = linesOf(steps as [number, number, unknown, string][])
    return { sql, plan, scan: adviseOnFile(sql, plan, (name) => tableNamed(connection, name)) }
  } catch (thrown) {
    return { sql, plan: undefined, refused: (thrown as Error).message }
  }
}

/** What each step of the plan says, those inside another one set in: https://sqlite.org/eqp.html. */
function linesOf(steps: readonly [number, number, unknown, string][]): string[] {
  const depths = new Map<number, number>()
  return steps.map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1
    depths.set(id, depth)
    return '  '.repeat(depth) + detail
  })
}

function tableNamed(connection: Connection, table: string): TableShape | undefined {
  const found = connection
    .prepareOwn("select name from sqlite_schema where type = 'table' and name = ? collate nocase")
    .firstArray([table])
  if (found === undefined) return undefined
  const [name] = found as [string]
  const indexes = new Map<string, string[]>()
  const rows = connection
    .prepareOwn(
      `select i.name, c.name from pragma_index_list(?) i join pragma_index_info(i.name) c
       where not i.partial order by i.seq, c.seqno`,
    )
    .arrays([name]) as [string, string | null][]
  // An index on an expression has no column there.
  for (const [index, column] of rows) indexes.set(index, [...(indexes.get(index) ?? []), column ?? ''])
  const columns = connection.prepareOwn('select name from pragma_table_xinfo(?)').arrays([name]) as [string][]
  return {
    name,
    columns: columns.map(([column]) => column),
    indexes: [...indexes].map(([index, indexed]) => ({ name: index, columns: indexed })),
  }
}
