import { type Clauses, clausesOf, unquoted } from './clauses.ts'

/** Which index would keep a statement from reading a whole table, as far as its text and plan tell. */
export interface IndexAdvice {
  /** The table that is read whole; undefined where that can't be told. */
  readonly table: string | undefined
  /** What an index should begin with, in this order; empty where no index helps, or which one can't be told. */
  readonly columns: readonly string[]
  /** What to do instead, where there are no columns. */
  readonly otherwise: string
}

const scan = /\bSCAN (?:TABLE )?([^\s()]+)/
const automatic = /\bSEARCH (?:TABLE )?([^\s()]+) .*USING AUTOMATIC .*INDEX \(([^)]*)\)/

/** Whether the plan has SQLite go through whole tables, or make an index for one run. */
export function readsWholeTables(plan: readonly string[]): boolean {
  return plan.some((line) => automatic.test(line) || scannedName(line) !== undefined)
}

export function adviseIndex(sql: string, plan: readonly string[] | undefined): IndexAdvice {
  const clauses = clausesOf(sql)
  const real = (name: string): string =>
    clauses.tables.get(name.toLowerCase()) ?? clauses.tables.get(name) ?? name
  for (const line of plan ?? []) {
    const [, name, terms] = automatic.exec(line) ?? []
    if (name !== undefined && terms !== undefined)
      return { table: real(name), columns: columnsOfTerms(terms), otherwise: unclear }
  }
  const scanned = (plan ?? []).map(scannedName).filter((name) => name !== undefined)
  const candidates =
    scanned.length > 0 ? scanned : clauses.tables.size === 1 ? [...clauses.tables.keys()] : []
  for (const name of candidates) {
    const columns = columnsFor(clauses, name)
    if (columns.length > 0) return { table: real(name), columns, otherwise: unclear }
  }
  const table = candidates[0] === undefined ? undefined : real(candidates[0])
  return { table, columns: [], otherwise: otherwiseFor(clauses) }
}

/**
 * Virtual tables have no indexes, and their scans are lookups; `SCAN (subquery-1)` and
 * `SCAN CONSTANT ROW` are no tables. A table named with its schema is shown so.
 */
function scannedName(line: string): string | undefined {
  const name = /VIRTUAL TABLE|CONSTANT ROW/.test(line) ? undefined : scan.exec(line)?.[1]
  return name?.startsWith('(') ? undefined : name?.replace(/^.*\./, '')
}

/** `(peer=? AND at>?)`, as the plan shows an automatic index's use. */
function columnsOfTerms(terms: string): string[] {
  return terms.split(' AND ').map((term) => term.replace(/[<>=].*$/, '').trim())
}

/** Columns compared for equality first, then one of a range, else those that it sorts by: https://sqlite.org/optoverview.html#where_clause_analysis. */
function columnsFor(clauses: Clauses, table: string): string[] {
  const { conditions, isNested, tables, hasWhere, hasLimit, orderBy } = clauses
  if (isNested || conditions === undefined) return []
  const columnOf = (tokens: readonly string[]): { column: string; rest: readonly string[] } | undefined => {
    const [first, dot, second] = tokens
    if (first === undefined || !/^[a-z_"`[\u0080-\uffff]/.test(first)) return undefined
    if (dot !== '.' || second === undefined)
      return tables.size === 1 ? { column: unquoted(first), rest: tokens.slice(1) } : undefined
    const owner = unquoted(first).toLowerCase()
    return owner === table.toLowerCase() ? { column: unquoted(second), rest: tokens.slice(3) } : undefined
  }
  const sorted = orderBy.map(columnOf)
  const directions = new Set(sorted.map((term) => term?.rest.join(' ') || 'asc'))
  const isPlain = directions.size === 1 && /^(?:asc|desc)$/.test([...directions][0] ?? '')
  // One index serves them in order, forwards or backwards: https://sqlite.org/queryplanner.html#_sorting.
  const order = isPlain && !sorted.includes(undefined) ? sorted.map((term) => term?.column ?? '') : []
  if (!hasWhere) return hasLimit ? order : []
  const equal = new Set<string>()
  const ranges: string[] = []
  for (const condition of conditions) {
    const term = columnOf(condition)
    if (term === undefined) continue
    const [operator, next] = term.rest
    if (!isConstant(term.rest.slice(1))) continue
    if (operator === '=' || operator === 'in' || (operator === 'is' && next !== 'not')) equal.add(term.column)
    else if (operator === 'between' || operator === '>' || (operator === '<' && next !== '>'))
      ranges.push(term.column)
  }
  const range = ranges.find((column) => !equal.has(column))
  if (range !== undefined) return [...equal, range]
  return equal.size === 0 ? [] : [...new Set([...equal, ...order])]
}

/**
 * What the run knows before it looks at any row. A column of another table is known only where that table is gone through first, which
 * is for the plan to say.
 */
function isConstant(operand: readonly string[]): boolean {
  return operand.every((token, at) => {
    const isName = /^[a-z_"`[\u0080-\uffff]/.test(token) && !/^(?:null|true|false|and|not)$/.test(token)
    return !isName || /^[:@$?]$/.test(operand[at - 1] ?? '')
  })
}

const unclear =
  'Which index would help can’t be told from its text: look at `explain query plan` for the line that says SCAN.'

function otherwiseFor({ hasWhere, conditions, isNested }: Clauses): string {
  if (isNested || conditions === undefined) return unclear
  if (!hasWhere)
    return 'It has no WHERE that an index could serve: page by key (`where id > ? order by id limit 500`), or keep the count or sum as it changes.'
  if (conditions.some((condition) => condition.includes('like') || condition.includes('glob')))
    return 'An index serves LIKE and GLOB only where nothing stands before the text: keep a full-text table (FTS5) for the rest.'
  return unclear
}
