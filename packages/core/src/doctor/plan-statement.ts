import type { Connection } from '../engine/port.ts'
import { firstKeyword, hasPlan } from '../engine/statement-rules.ts'
import { withPlainParameters } from '../sql/plain-parameters.ts'
import { type PlanStep, planLines } from '../sql/plan-lines.ts'
import { adviseOnFile, type TableShape } from './advise.ts'
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
    const plan = planLines(steps as unknown as PlanStep[])
    return { sql, plan, scan: adviseOnFile(sql, plan, (name) => tableNamed(connection, name)) }
  } catch (thrown) {
    return { sql, plan: undefined, refused: (thrown as Error).message }
  }
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
