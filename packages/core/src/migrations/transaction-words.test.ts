// A migration is all or nothing, so its text may neither begin nor end a transaction; strings and triggers may say anything.
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { transactionWordIn } from './transaction-words.ts'

const trigger = 'create trigger t after insert on a begin select case when 1 then 2 end; delete from a; end'

describe('a script', () => {
  it.each([
    ['commit', 'commit'],
    ['COMMIT TRANSACTION', 'commit'],
    ['create table a (x); ;; /* x */ -- y\n Commit', 'commit'],
    ['\uFEFFbegin', 'begin'],
    ['create table a (x);end', 'end'],
    ['select 1; rollback to s', 'rollback'],
    ['savepoint s', 'savepoint'],
    ['release s', 'release'],
    [`${trigger}; commit`, 'commit'],
    [`${trigger};;end`, 'end'],
    ['create temp trigger t after insert on a begin select 1; end; begin', 'begin'],
    ["insert into a values (';', 'it''s'); commit", 'commit'],
    ['create table "a;b" ("x""y;"); commit', 'commit'],
    ['create table [a;b] (`x;`); commit', 'commit'],
    ['create table create_trigger (x); end', 'end'],
    ['create; commit', 'commit'],
  ])('%j says %s', (script, word) => {
    expect(transactionWordIn(script)).toBe(word)
  })

  it.each([
    '',
    'create table a (x)',
    trigger,
    `${trigger};`,
    `CREATE TEMPORARY TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; create table b (y)`,
    "insert into a values ('; commit;')",
    'create table a (x) -- ; commit',
    'create table a (x); /* ; commit; */ insert into a values (1)',
    'select 1 as "; end"',
    'create table "commit" (x); insert into "commit" values (1)',
    'create table [; commit; ] (`; end`)',
    'select case when 1 then 2 end',
    "select '; commit",
    '/* ; commit',
    'create table commits (x); select rollback_count from b',
  ])('%j says none', (script) => {
    expect(transactionWordIn(script)).toBeUndefined()
  })

  it('with a long text is looked through once', () => {
    const rows = `insert into a values ('it''s ; commit', "x"); /* end */\n`.repeat(20_000)
    expect(transactionWordIn(`${rows}commit`)).toBe('commit')
  })

  it('in which none is found leaves its transaction open, as SQLite sees it', () => {
    const memory = new Database(':memory:')
    const script = `create table a (x); ${trigger}; insert into a values ('; end;'); drop trigger t`
    expect(transactionWordIn(script)).toBeUndefined()
    memory.exec('begin')
    memory.exec(script)
    expect(memory.inTransaction).toBe(true)
    memory.close()
  })
})
