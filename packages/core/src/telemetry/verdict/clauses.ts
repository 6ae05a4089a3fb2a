import { tokensOf } from '../../sql/tokens.ts'

/** What the text of a simple statement says. Whatever it does not understand it leaves out: advice is taken from the rest. */
export interface Clauses {
  /** Tables by the names they go by in the statement. */
  readonly tables: ReadonlyMap<string, string>
  /** Subqueries, unions, several statements or the beginning of one: then columns can't be told to belong to a table. */
  readonly isNested: boolean
  readonly hasWhere: boolean
  /** The conditions that all have to hold; undefined where an OR makes them alternatives. */
  readonly conditions: readonly (readonly string[])[] | undefined
  readonly orderBy: readonly (readonly string[])[]
  readonly hasLimit: boolean
}

const clauseStarts = new Set([
  'group',
  'order',
  'limit',
  'having',
  'window',
  'returning',
  'union',
  'except',
  'intersect',
  ';',
])
const tableEnds = new Set([
  ...clauseStarts,
  ...[
    'where',
    'on',
    'using',
    'set',
    'join',
    'left',
    'right',
    'inner',
    'outer',
    'cross',
    'full',
    'natural',
    'indexed',
    'not',
    'as',
  ],
  ...[',', '(', ')', 'values', 'default', 'select'],
])

export function clausesOf(sql: string): Clauses {
  const tokens = [...tokensOf(sql)].map((token) => (/^['"`[]/.test(token) ? token : token.toLowerCase()))
  const outer = outermost(tokens)
  const where = clause(outer, 'where')
  const conditions = split(where ?? [], 'and')
  return {
    tables: tablesOf(outer),
    isNested:
      tokens.filter((token) => token === 'select').length > 1 ||
      tokens.slice(0, -1).includes(';') ||
      sql.endsWith('…') ||
      tokens.includes('union') ||
      tokens.includes('intersect') ||
      tokens.includes('except'),
    hasWhere: where !== undefined,
    conditions: where?.includes('or') === true ? undefined : conditions,
    orderBy: split((clause(outer, 'order') ?? []).slice(1), ','),
    hasLimit: outer.includes('limit'),
  }
}

/** `"name"`, `[name]` and `` `name` `` are `name`. */
export function unquoted(token: string): string {
  return /^["`[]/.test(token) ? token.slice(1, -1) : token
}

/** Of what stands in parentheses only these are left. */
function outermost(tokens: readonly string[]): string[] {
  let depth = 0
  return tokens.filter((token) => {
    if (token === '(') return depth++ === 0
    if (token === ')') return --depth === 0
    return depth === 0
  })
}

function clause(tokens: readonly string[], start: string): string[] | undefined {
  const from = tokens.indexOf(start)
  if (from === -1) return undefined
  const rest = tokens.slice(from + 1)
  const end = rest.findIndex((token) => clauseStarts.has(token))
  return end === -1 ? rest : rest.slice(0, end)
}

/** At a separator, except at the `and` of a `between`. */
function split(tokens: readonly string[], separator: string): string[][] {
  const parts: string[][] = []
  let part: string[] = []
  let isBetween = false
  for (const token of tokens) {
    if (token === separator && !isBetween) {
      parts.push(part)
      part = []
      continue
    }
    if (token === separator) isBetween = false
    if (token === 'between') isBetween = true
    part.push(token)
  }
  return [...parts, part].filter(({ length }) => length > 0)
}

/** After FROM and JOIN, UPDATE and its conflict clause, and the commas between tables. */
function tablesOf(tokens: readonly string[]): Map<string, string> {
  const tables = new Map<string, string>()
  let expectsTable = false
  let isInFrom = false
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    if (token === 'from' || token === 'join' || token === 'update') {
      expectsTable = true
      isInFrom = token !== 'update'
    } else if (token === ',' && isInFrom) {
      expectsTable = true
    } else if (expectsTable && token === 'or') {
      at++
    } else if (expectsTable && !tableEnds.has(token)) {
      const qualified = tokens[at + 1] === '.' ? tokens[at + 2] : undefined
      if (qualified !== undefined) at += 2
      const table = unquoted(qualified ?? token)
      const next = tokens[at + 1] === 'as' ? tokens[at + 2] : tokens[at + 1]
      const alias = next === undefined || tableEnds.has(next) ? table : unquoted(next)
      tables.set(alias, table)
      expectsTable = false
    } else if (token === 'where' || clauseStarts.has(token)) {
      isInFrom = false
      expectsTable = false
    }
  }
  return tables
}
