import { adviseIndex, readsWholeTables } from '../telemetry/verdict/index-advice.ts'
import type { ScanAdvice } from './types.ts'

/** What a file's schema says of one table. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly string[]
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[] }[]
}

/**
 * What would keep a statement from reading a whole table, held against the tables that are there: advice from text alone may name a
 * column that is none, or ask for an index that the file has.
 *
 * @param tableNamed looks a table up by its name; undefined for views and what is not there.
 */
export function adviseOnFile(
  sql: string,
  plan: readonly string[],
  tableNamed: (name: string) => TableShape | undefined,
): ScanAdvice | undefined {
  const stored = withoutMade(plan)
  if (!readsWholeTables(stored)) return undefined
  const { table, columns, otherwise } = adviseIndex(sql, stored)
  const shape = table === undefined ? undefined : tableNamed(table)
  if (shape === undefined)
    return { table, columns: [], existing: undefined, remedy: table === undefined ? otherwise : unclear }
  const real = columns.map((column) => shape.columns.find((name) => isSame(name, column)))
  const known = real.filter((column) => column !== undefined)
  if (known.length === 0 || known.length < real.length) {
    const remedy = columns.length === 0 ? otherwise : unclear
    return { table: shape.name, columns: [], existing: undefined, remedy }
  }
  const existing = shape.indexes.find(({ columns: indexed }) => beginsWith(indexed, known))?.name
  return { table: shape.name, columns: known, existing, remedy: remedyFor(shape.name, known, existing) }
}

/**
 * What a statement makes for itself, a common table expression for one, it has to read whole: it is in no file. SQLite's own tables
 * can have no index.
 */
function withoutMade(plan: readonly string[]): string[] {
  const made = new Set(plan.flatMap((line) => /(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(line)?.[1] ?? []))
  return plan.filter((line) => {
    const scanned = /\bSCAN (\S+)/.exec(line)?.[1] ?? ''
    return !made.has(scanned) && !scanned.startsWith('sqlite_')
  })
}

const unclear =
  'cannot tell: the table or its columns can’t be made out from the statement; look at `explain query plan` for the line that says SCAN'

function remedyFor(table: string, columns: readonly string[], existing: string | undefined): string {
  if (existing !== undefined)
    return `${existing} begins with ${columns.join(', ')}, and SQLite does not use it: run \`analyze\` (db.optimize()), and look whether the statement compares something computed from the column`
  const name = [table, 'by', ...columns].join('_').replaceAll(/[^\w]+/g, '_')
  return `create index ${name} on ${quoted(table)} (${columns.map(quoted).join(', ')})`
}

/** Whether an index starts with these columns, in any order: they are compared for equality, but for the last one perhaps. */
function beginsWith(indexed: readonly string[], columns: readonly string[]): boolean {
  const start = indexed.slice(0, columns.length)
  return (
    start.length === columns.length && columns.every((column) => start.some((name) => isSame(name, column)))
  )
}

/** Names are the same to SQLite in either case. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
