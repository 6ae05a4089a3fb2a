import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { tokensOf } from '../sql/tokens.ts'
import { firstKeyword } from './statement-rules.ts'

/** What begins the names of Lockkeeper’s own tables. */
const prefix = /^lockkeeper_/i
/** SQLite takes a quoted word for a name in every one of these quotes, also where it is meant as text. */
const quoted = /^(?:'lockkeeper_\w*'|["`[]lockkeeper_)/i

/** The first token of a text that can name one of Lockkeeper’s own tables. */
export function reservedNameIn(sql: string): string | undefined {
  // Nearly every text ends here.
  if (!/lockkeeper_/i.test(sql)) return undefined
  return tokensOf(sql).find((token) => prefix.test(token) || quoted.test(token))
}

/**
 * Lockkeeper’s tables hold what its promises rest on: whether a batch is committed, what a job goes on from. An app may read
 * them; a statement of its own that changes something may not name them, be it to copy from them.
 *
 * @throws LockkeeperError `statement-refused`, saying what to do instead.
 */
export function assertLeavesOurs(statement: { readonly sql: string; readonly readsOnly: boolean }): void {
  // SQLite calls a DROP … IF EXISTS that finds nothing a reading statement; it may find something when it runs again.
  if (statement.readsOnly && firstKeyword(statement.sql) !== 'drop') return
  const name = reservedNameIn(statement.sql)
  if (name === undefined) return
  throw new LockkeeperError(
    `A statement that changes the database and names ${name} is refused: names that begin with lockkeeper_ are Lockkeeper’s; select from them apart, and pass text as a parameter`,
    { code: 'statement-refused', stage: 'execute', outcome: 'not-stored' },
  )
}
