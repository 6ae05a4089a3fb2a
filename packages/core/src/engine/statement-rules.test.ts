// Promises 1 and 9: what user SQL may say is decided by its first real token, since SQLite can't decide it for us.
import { describe, expect, it } from 'vitest'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import {
  assertChanges,
  assertMayRead,
  assertMayWrite,
  assertReadsOnly,
  firstKeyword,
} from './statement-rules.ts'

const longComment = 'a comment that nobody closes '.repeat(200)

function refusalOf(act: () => void): LockkeeperError | undefined {
  try {
    act()
    return undefined
  } catch (thrown) {
    if (isLockkeeperError(thrown, 'statement-refused')) return thrown
    throw thrown
  }
}

describe('the first keyword', () => {
  it.each([
    ['select 1', 'select'],
    ['  \n\t\r\f SELECT 1', 'select'],
    ['InSeRt into t values (1)', 'insert'],
    [';COMMIT', 'commit'],
    [' ; ;; commit', 'commit'],
    ['/*x*/COMMIT', 'commit'],
    ['/**/ /* select 1 */ -- select 2\n commit', 'commit'],
    ['/* select * from t; */;/**/;--\n;rollback', 'rollback'],
    ['--commit', ''],
    ['-- a\r\n-- b\nvacuum', 'vacuum'],
    ['\uFEFFcommit', 'commit'],
    [';\uFEFF/*\uFEFF*/\uFEFFpragma query_only = 0', 'pragma'],
    ['/*/ commit', ''],
    ['/*/*/ commit', 'commit'],
    ['/* ** // */commit', 'commit'],
    [`/* ${longComment}`, ''],
    [`/* ${longComment} select 1`, ''],
    [`/*${longComment}*/commit`, 'commit'],
    [`--${longComment}\ncommit`, 'commit'],
    ['', ''],
    [';;;', ''],
    ['(select 1)', ''],
    ['"select" 1', ''],
    ["'commit'", ''],
    ['1', ''],
    ['commit;select 1', 'commit'],
    ['select\u00a01', 'select'],
  ])('of %j is %j', (sql, word) => {
    expect(firstKeyword(sql)).toBe(word)
  })

  it('is found behind megabytes of comments and empty statements', () => {
    expect(firstKeyword(`${'/**/;--\n'.repeat(200_000)}commit`)).toBe('commit')
    expect(firstKeyword(`/*${' '.repeat(2_000_000)}*/commit`)).toBe('commit')
  })
})

const both = ['begin', 'commit', 'end', 'rollback', 'savepoint a', 'release a', 'pragma query_only = 0']
const neither = [...both, 'attach x as y', 'detach y', 'vacuum', "vacuum into 'x'", 'hello', '', ';', '()']
const changing = ['insert', 'replace', 'update', 'delete', 'create', 'drop', 'alter', 'analyze', 'reindex']
const querying = ['select 1', 'values (1)', 'explain query plan select 1']

describe('the writer’s connection', () => {
  it.each([...changing, ...querying, 'with a as (select 1) insert into t select * from a'])(
    'may run %j',
    (sql) => {
      expect(refusalOf(() => assertMayWrite(sql))).toBeUndefined()
    },
  )

  it.each(neither)('refuses %j', (sql) => {
    expect(refusalOf(() => assertMayWrite(sql))).toMatchObject({ stage: 'execute', outcome: 'not-stored' })
  })

  it.each(['\uFEFFcommit', ';COMMIT', '/*x*/COMMIT', '-- select\ncommit', `/*${longComment}*/commit`])(
    'sees through the disguise of %j',
    (sql) => {
      expect(refusalOf(() => assertMayWrite(sql))?.message).toContain('COMMIT is refused: transactions are')
    },
  )

  it('runs no query that was sent as a write, and says where to send it', () => {
    const query = { sql: ' /* a */ select 1', readsOnly: true }
    expect(refusalOf(() => assertChanges(query))?.message).toContain('use read()')
    expect(
      refusalOf(() => assertChanges({ sql: 'with a as (select 1) select 2', readsOnly: true })),
    ).toBeDefined()
  })

  it('runs a DROP … IF EXISTS that finds nothing, though SQLite calls it reading', () => {
    expect(refusalOf(() => assertChanges({ sql: 'drop table if exists t', readsOnly: true }))).toBeUndefined()
  })
})

describe('a reader’s connection', () => {
  it.each([...querying, 'with a as (select 1) select * from a'])('may run %j', (sql) => {
    expect(refusalOf(() => assertMayRead(sql))).toBeUndefined()
  })

  it.each(neither)('refuses %j', (sql) => {
    expect(refusalOf(() => assertMayRead(sql))).toMatchObject({ stage: 'read', outcome: undefined })
  })

  it.each(changing)('refuses %j and points at write()', (sql) => {
    expect(refusalOf(() => assertMayRead(sql))?.message).toContain('it changes the database: use write()')
  })

  it('refuses a WITH that changes, once SQLite has said what it is', () => {
    const insert = { sql: 'with a as (select 1) insert into t select * from a', readsOnly: false }
    expect(refusalOf(() => assertReadsOnly(insert))?.message).toContain('use write()')
    expect(refusalOf(() => assertReadsOnly({ ...insert, readsOnly: true }))).toBeUndefined()
  })
})

describe('a refusal', () => {
  it.each([
    ['begin', 'writeAtomic() or a procedure'],
    ['commit', 'commits before it answers'],
    ['rollback', 'throw inside a procedure'],
    ['pragma user_version = 3', 'pragma_table_info'],
    ['attach x as y', 'openDatabase()'],
    ['vacuum', 'cannot run inside a transaction'],
  ])('of %j says what to do instead', (sql, advice) => {
    expect(refusalOf(() => assertMayWrite(sql))?.message).toContain(advice)
    expect(refusalOf(() => assertMayRead(sql))?.message).toContain(advice)
  })

  it('names what was there, or that nothing was', () => {
    expect(refusalOf(() => assertMayWrite('/*'))?.message).toBe('An empty statement is refused')
    expect(refusalOf(() => assertMayRead('frobnicate t'))?.message).toBe(
      'A statement that begins with FROBNICATE is refused',
    )
  })
})
