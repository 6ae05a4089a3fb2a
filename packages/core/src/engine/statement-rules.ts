import type { Stage } from '../errors/codes.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Connection } from './port.ts'

/**
 * What an app may say in SQL, decided by the first real token. SQLite can't decide it for us: `;COMMIT` and
 * `/*x*\/COMMIT` prepare well and call themselves read-only, and `PRAGMA query_only=0` runs on a read-only connection.
 */
const writing = new Set([
  'insert',
  'replace',
  'update',
  'delete',
  'with',
  'create',
  'drop',
  'alter',
  'analyze',
  'reindex',
])
const reading = new Set(['select', 'values', 'with', 'explain'])
const withPlan = new Set(['select', 'values', 'with', 'insert', 'replace', 'update', 'delete'])
const temporary = new Set(['temp', 'temporary'])

const refusals: Readonly<Record<string, string>> = {
  begin: 'transactions are Lockkeeper’s: put the statements into writeAtomic() or a procedure',
  commit: 'transactions are Lockkeeper’s: a write commits before it answers',
  end: 'transactions are Lockkeeper’s: a write commits before it answers',
  rollback: 'transactions are Lockkeeper’s: throw inside a procedure to undo it',
  savepoint: 'transactions are Lockkeeper’s: throw inside a procedure to undo it',
  release: 'transactions are Lockkeeper’s: throw inside a procedure to undo it',
  pragma:
    'Lockkeeper sets the pragmas; to read one, select from its table-valued function (select * from pragma_table_info(…))',
  attach: 'one file is one database: open the other with openDatabase()',
  detach: 'one file is one database: open the other with openDatabase()',
  vacuum: 'it cannot run inside a transaction',
}

/**
 * What the writer's connection may run. Queries are among it, since a procedure reads its own writes.
 * @throws LockkeeperError `statement-refused`, saying what to do instead.
 */
export function assertMayWrite(sql: string): void {
  const word = firstKeyword(sql)
  if (word === 'explain') assertMayExplain(sql, 'execute')
  if (word === 'create' && temporary.has(keywordsOf(sql, 2)[1] ?? '')) throw refusedTemporary()
  if (writing.has(word) || reading.has(word)) return
  throw refused(word, refusals[word], 'execute')
}

export const creates = (sql: string): boolean => firstKeyword(sql) === 'create'

/**
 * Asked after a CREATE, since there are many ways to write `temp.`. A temporary table would hide the file’s of the same name
 * from every later write, and take those writes along when the connection closes.
 */
export function hasTemporary(connection: Connection): boolean {
  return connection.prepareOwn('select 1 from sqlite_temp_schema').firstArray(undefined) !== undefined
}

/** @throws LockkeeperError `statement-refused`; its caller undoes the CREATE. */
export function assertNothingTemporary(connection: Connection): void {
  if (hasTemporary(connection)) throw refusedTemporary()
}

/** Some statements, PRAGMA among them, act while they are compiled, so that explaining them runs them. */
function assertMayExplain(sql: string, stage: Stage): void {
  const [, next, plan, last] = keywordsOf(sql, 4)
  const word = (next === 'query' && plan === 'plan' ? last : next) ?? ''
  if (reading.has(word) && word !== 'explain') return
  if (writing.has(word) && stage === 'execute') return
  const remedy = writing.has(word) ? 'explain a change in a procedure that writes' : refusals[word]
  throw refused(`explain ${word}`.trimEnd(), remedy, stage)
}

/** Whether it only reads or changes rows: others, PRAGMA among them, act while they are compiled, and explaining them runs them. */
export const hasPlan = (sql: string): boolean => withPlan.has(firstKeyword(sql))

/** @throws LockkeeperError `statement-refused` */
export function assertHasPlan(sql: string): void {
  if (!hasPlan(sql)) throw refused(`explain query plan ${firstKeyword(sql)}`, undefined, 'read')
}

/** What is sent as a write by itself must be one: a query would hold everybody else's lock for nothing. */
export function assertChanges(statement: { readonly sql: string; readonly readsOnly: boolean }): void {
  if (!statement.readsOnly) return
  const word = firstKeyword(statement.sql)
  // SQLite calls a DROP … IF EXISTS that finds nothing a reading statement, too.
  if (reading.has(word)) throw refused(word, 'it only reads: use read() or its kin', 'execute')
}

/** Whether it sets a savepoint or goes back to one, which leaves the transaction around it open. */
export function marksPlace(sql: string): boolean {
  const word = firstKeyword(sql)
  if (word === 'savepoint' || word === 'release') return true
  if (word !== 'rollback') return false
  // Whole words: ROLLBACK TRANSACTION to_x ends the transaction, under a name that SQLite ignores.
  const [, next, last] = keywordsOf(sql, 3, wholeKeyword)
  return next === 'to' || (next === 'transaction' && last === 'to')
}

/** Whether it tells how another statement would run, without running it. */
export const explains = (sql: string): boolean => firstKeyword(sql) === 'explain'

/**
 * What a reader's connection may run. Savepoints are harmless there while a transaction is open that somebody else ends, and
 * much code that only reads sets them.
 *
 * @throws LockkeeperError `statement-refused`, saying what to do instead.
 */
export function assertMayRead(sql: string, inTransaction = false): void {
  const word = firstKeyword(sql)
  if (marksPlace(sql)) {
    if (inTransaction) return
    throw refused(word, 'savepoints need a transaction around them: read inside snapshot()', 'read')
  }
  if (word === 'explain') assertMayExplain(sql, 'read')
  if (reading.has(word)) return
  throw refused(word, writing.has(word) ? 'it changes the database: use write()' : refusals[word], 'read')
}

/** A `WITH` may begin a change as well as a query; SQLite knows which once it is prepared. */
export function assertReadsOnly(statement: { readonly sql: string; readonly readsOnly: boolean }): void {
  if (statement.readsOnly) return
  throw refused(firstKeyword(statement.sql), 'it changes the database: use write()', 'read')
}

function refusedTemporary(): LockkeeperError {
  return new LockkeeperError(
    'A CREATE of something temporary is refused: it is in no file, and what is written to it would be lost. Make a table, and drop it',
    { code: 'statement-refused', stage: 'execute', outcome: 'not-stored' },
  )
}

function refused(word: string, why: string | undefined, stage: Stage): LockkeeperError {
  const what = word === '' ? 'An empty statement' : `A statement that begins with ${word.toUpperCase()}`
  return new LockkeeperError(`${what} is refused${why === undefined ? '' : `: ${why}`}`, {
    code: 'statement-refused',
    stage,
    outcome: stage === 'read' ? undefined : 'not-stored',
  })
}

const skipped = /(?:[\s;\uFEFF]+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))*/y
const keyword = /[a-z]+/iy
/** One that is no part of a longer name. */
const wholeKeyword = /[a-z]+(?![\w$\u0080-\uffff])/iy

/** The first keyword in lower case; empty where there is none. Leading blanks, comments and empty statements are skipped. */
export function firstKeyword(sql: string): string {
  return keywordsOf(sql, 1)[0] ?? ''
}

/** So many words from the start, or as many as there are before something else. */
function keywordsOf(sql: string, count: number, pattern = keyword): string[] {
  const words: string[] = []
  let at = 0
  while (words.length < count) {
    skipped.lastIndex = at
    skipped.exec(sql)
    pattern.lastIndex = skipped.lastIndex
    const word = pattern.exec(sql)?.[0]
    if (word === undefined) break
    words.push(word.toLowerCase())
    at = pattern.lastIndex
  }
  return words
}
