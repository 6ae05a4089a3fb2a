/** What better-sqlite3 prepares, as far as it is needed here. */
export interface PreparedStatement {
  run(...parameters: unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint }
  all(...parameters: unknown[]): unknown[]
  get(...parameters: unknown[]): unknown
  pluck(): PreparedStatement
}

export interface PreparesStatements {
  prepare(sql: string): PreparedStatement
}

type Parameters = readonly unknown[] | Readonly<Record<string, unknown>>

/** The transaction that procedures are given, on a plain connection: nothing but its statements, each prepared once. */
export class PlainTransaction {
  /** Nobody else waits for the connection. */
  readonly shouldYield = false
  readonly #database: PreparesStatements
  readonly #statements = new Map<string, PreparedStatement>()
  readonly #plucked = new Map<string, PreparedStatement>()

  constructor(database: PreparesStatements) {
    this.#database = database
  }

  run(sql: string, parameters?: Parameters): ReturnType<PreparedStatement['run']> {
    return this.#prepared(sql).run(...spread(parameters))
  }

  all<Row>(sql: string, parameters?: Parameters): Row[] {
    return this.#prepared(sql).all(...spread(parameters)) as Row[]
  }

  first<Row>(sql: string, parameters?: Parameters): Row | undefined {
    return this.#prepared(sql).get(...spread(parameters)) as Row | undefined
  }

  value<Value>(sql: string, parameters?: Parameters): Value | undefined {
    return this.#pluckedFor(sql).get(...spread(parameters)) as Value | undefined
  }

  #prepared(sql: string): PreparedStatement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #pluckedFor(sql: string): PreparedStatement {
    const known = this.#plucked.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql).pluck()
    this.#plucked.set(sql, statement)
    return statement
  }
}

/** By position, or by name. */
function spread(parameters: Parameters = []): readonly unknown[] {
  return Array.isArray(parameters) ? parameters : [parameters]
}
