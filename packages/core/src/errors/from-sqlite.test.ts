// Promise 3: whatever SQLite, its binding or a procedure threw gets one honest name, and says what to do next.
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { errorFromThrown, isBusy, sqliteCodeOf } from './from-sqlite.ts'
import { isLockkeeperError, LockkeeperError } from './lockkeeper-error.ts'

const memory = new Database(':memory:')
memory.exec('create table notes (id integer primary key, body text not null check (length(body) < 9)) strict')
memory.exec('create unique index bodies on notes (body)')
afterAll(() => void memory.close())

const circumstance = { stage: 'execute', outcome: 'not-stored', label: 'notes.add' } as const

function errorOf(act: () => unknown): LockkeeperError {
  try {
    act()
  } catch (thrown) {
    return errorFromThrown(thrown, circumstance)
  }
  throw new Error('It did not throw')
}

const run = (sql: string, ...parameters: unknown[]) => memory.prepare(sql).run(...parameters)

describe('SQLite’s own errors', () => {
  run("insert into notes values (1, 'a')")
  it.each([
    ["insert into notes values (1, 'b')", 'sqlite-constraint-primarykey'],
    ["insert into notes values (2, 'a')", 'sqlite-constraint-unique'],
    ['insert into notes values (2, null)', 'sqlite-constraint-notnull'],
    ["insert into notes values (2, 'too long for it')", 'sqlite-constraint-check'],
    ["insert into notes values ('x', 'y')", 'sqlite-mismatch'],
    ["insert into notes values (2, x'00')", 'sqlite-constraint-datatype'],
    ['insert into nowhere values (1)', 'sqlite-error'],
    ['insert notes into', 'sqlite-error'],
  ])('%s is %s', (sql, code) => {
    const error = errorOf(() => run(sql))
    expect(error).toMatchObject({ ...circumstance, code, retryable: false })
    expect(sqliteCodeOf(error.cause)).toBe(code)
  })

  it('keep their message and add what to do', () => {
    const readOnly = errorOf(() => {
      memory.pragma('query_only = 1')
      try {
        run("insert into notes values (2, 'b')")
      } finally {
        memory.pragma('query_only = 0')
      }
    })
    expect(readOnly.code).toBe('sqlite-readonly')
    expect(readOnly.message).toMatch(/^attempt to write a readonly database: .*use write\(\)/)
  })

  it.each([
    ['SQLITE_BUSY', true],
    ['SQLITE_BUSY_SNAPSHOT', true],
    ['SQLITE_LOCKED', true],
    ['SQLITE_PROTOCOL', true],
    ['SQLITE_FULL', true],
    ['SQLITE_NOMEM', true],
    ['SQLITE_INTERRUPT', true],
    ['SQLITE_IOERR_FSYNC', true],
    ['SQLITE_CANTOPEN', true],
    ['SQLITE_READONLY', false],
    ['SQLITE_CORRUPT', false],
    ['SQLITE_CONSTRAINT_UNIQUE', false],
  ])('%s can be retried: %s', (code, retryable) => {
    const thrown = new Database.SqliteError('it went wrong', code)
    expect(errorFromThrown(thrown, circumstance)).toMatchObject({
      code: code.toLowerCase().replaceAll('_', '-'),
      retryable,
    })
  })

  it.each([
    ['SQLITE_BUSY', 'holds the write lock'],
    ['SQLITE_BUSY_RECOVERY', 'recovering the log'],
    ['SQLITE_BUSY_SNAPSHOT', 'no longer the newest'],
    ['SQLITE_LOCKED_VTAB', 'read to the end first'],
    ['SQLITE_PROTOCOL', 'opens and closes the file'],
  ])('%s says what to do about just that', (code, remedy) => {
    expect(errorFromThrown(new Database.SqliteError('it went wrong', code), circumstance).message).toContain(
      remedy,
    )
  })

  it('tell the kinds of busy apart, and busy from everything else', () => {
    expect(['sqlite-busy', 'sqlite-busy-snapshot', 'sqlite-busy-recovery'].every(isBusy)).toBe(true)
    expect(['sqlite-locked', 'sqlite-protocol', 'closed', undefined].some(isBusy)).toBe(false)
  })
})

describe('misuse of the binding', () => {
  const perPlaceholder = 'give one value per placeholder'
  it.each<[string, () => unknown, string]>([
    ['too few parameters', () => run('insert into notes values (?, ?)', 1), perPlaceholder],
    ['too many', () => run('insert into notes values (?, ?)', 1, 'b', 2), perPlaceholder],
    ['no named ones', () => run('insert into notes values (:id, :body)'), perPlaceholder],
    ['a missing name', () => run('insert into notes values (:id, :body)', { id: 1 }), perPlaceholder],
    ['half of the names', () => run('insert into notes values (:id, :body)', { body: '' }), perPlaceholder],
    ['an instance', () => run('insert into notes values (:id, :body)', new Map()), perPlaceholder],
    ['a boolean', () => run('insert into notes values (?, ?)', true, 'b'), perPlaceholder],
    ['a date', () => run('insert into notes values (?, ?)', 1, new Date(0)), perPlaceholder],
    [
      'an integer beyond 64 bits',
      () => run('insert into notes values (?, ?)', 2n ** 63n, 'b'),
      perPlaceholder,
    ],
    ['several statements', () => run("insert into notes values (3, 'b'); select 1"), 'writeAtomic()'],
    ['no statement', () => run('-- nothing'), 'give it one'],
    ['asking a change for rows', () => memory.prepare('delete from notes').all(), 'use run()'],
  ])('(%s) is an invalid argument, and is told what to do', (_, act, remedy) => {
    const error = errorOf(act)
    expect(error).toMatchObject({ ...circumstance, code: 'invalid-argument', retryable: false })
    expect(error.message).toContain(remedy)
  })

  it.each([
    new TypeError("Cannot read properties of undefined (reading 'bind')"),
    new TypeError('the parameter is a Buffer'),
    new TypeError('Cannot mix BigInt and other types, use explicit conversions'),
    new TypeError('a named parameter of the job is off'),
    new RangeError('The bound of the search is off'),
    new RangeError('Too many parameter values were provided to plan()'),
    new TypeError('the query must return data'),
    new TypeError('the batch contains no statements'),
    new Error('Too many parameter values were provided'),
  ])('is not what a procedure’s own %s is', (thrown) => {
    expect(errorFromThrown(thrown, circumstance)).toMatchObject({
      code: 'procedure-failed',
      message: thrown.message,
    })
  })
})

describe('what a procedure throws', () => {
  it('is a failed procedure, with the thrown thing as cause', () => {
    const thrown = new RangeError('no such note')
    expect(errorFromThrown(thrown, circumstance)).toMatchObject({
      ...circumstance,
      code: 'procedure-failed',
      message: 'no such note',
      cause: thrown,
    })
    expect(errorFromThrown('just text', circumstance)).toMatchObject({
      code: 'procedure-failed',
      message: 'just text',
      cause: 'just text',
    })
  })

  it('keeps its code, stage, label and stack if it is ours, and gets the outcome', () => {
    const thrown = new LockkeeperError('mine', { code: 'statement-refused', stage: 'begin', label: 'inner' })
    const error = errorFromThrown(thrown, circumstance)
    expect(error).toMatchObject({
      code: 'statement-refused',
      stage: 'begin',
      outcome: 'not-stored',
      label: 'inner',
      message: 'mine',
    })
    expect(error.stack).toBe(thrown.stack)
    expect(errorFromThrown(error, circumstance)).toBe(error)
  })
})

describe('isLockkeeperError', () => {
  it('knows the family, and one of it by its code', () => {
    const error = new LockkeeperError('x', { code: 'closed', stage: 'close' })
    expect(isLockkeeperError(error)).toBe(true)
    expect(isLockkeeperError(error, 'closed')).toBe(true)
    expect(isLockkeeperError(error, 'aborted')).toBe(false)
  })

  it('knows one made by another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { name: 'LockkeeperError', code: 'closed' })
    expect(isLockkeeperError(foreign, 'closed')).toBe(true)
  })

  it.each([undefined, null, 'LockkeeperError', { name: 'LockkeeperError', code: 'closed' }, new Error('x')])(
    'is not taken in by %j',
    (thrown) => expect(isLockkeeperError(thrown)).toBe(false),
  )
})
