// SQLite itself is asked: where an index is advised from its plan, making that index ends the scan.
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { adviseIndex, readsWholeTables } from './index-advice.ts'

const schema = `
  create table peers (id integer primary key, account text, kind int, name text, seen int);
  create table links (source int, target int, kind int, at int);
  create virtual table notes_text using fts5(body);
`

function room(): { planOf: (sql: string) => string[]; run: (sql: string) => void } {
  const db = new Database(':memory:')
  db.exec(schema)
  return {
    planOf: (sql) =>
      db
        .prepare<unknown[], { detail: string }>(`explain query plan ${sql.replaceAll('?', '1')}`)
        .all()
        .map(({ detail }) => detail),
    run: (sql) => db.exec(sql),
  }
}

describe('an index that is advised', () => {
  it.each([
    'select * from peers where account = ?',
    'select * from peers as p where p.account = ? and p.seen > ?',
    'select * from peers where kind in (1, 2) and account is ?',
    'select * from links where at between ? and ? and target = ?',
    'select * from peers where account = ? order by seen desc limit 30',
    'select * from peers order by seen desc limit 30',
    'update peers set seen = ? where account = ?',
    'delete from links where at < ?',
    'select * from links l join peers p on p.id = l.source where l.target = ?',
    'select * from links l, links m where l.target = m.source and l.kind = m.kind',
    'select * from main.peers where peers.account = ?',
  ])('ends the scan of: %s', (sql) => {
    const { planOf, run } = room()
    const before = planOf(sql)
    expect(readsWholeTables(before)).toBe(true)
    const { table, columns } = adviseIndex(sql, before)
    run(`create index advised on ${table} (${columns.join(', ')})`)
    expect(planOf(sql).join()).toContain('advised')
    expect(planOf(sql).join()).not.toMatch(/AUTOMATIC|TEMP B-TREE/)
  })

  it.each([
    'select * from links l, peers p where l.kind = p.kind and l.target = p.id',
    'with recent as (select * from links where at > 5) select * from peers where account = ?',
    'select * from peers where account = (select name from peers where id = 1)',
    'select * from peers where account = name',
  ])('is none where it can’t be told: %s', (sql) => {
    const { planOf } = room()
    const { columns, otherwise } = adviseIndex(sql, planOf(sql))
    expect(columns).toEqual([])
    expect(otherwise).toMatch(/can’t be told/)
  })
})

describe('a plan of SQLite’s', () => {
  it('is no scan where rows are found by key, by an index or by full text', () => {
    const { planOf, run } = room()
    run('create index peers_account on peers (account)')
    for (const sql of [
      'select * from peers where id = ?',
      'select * from peers where account = ?',
      "select * from notes_text where notes_text match 'x'",
      'select 1',
    ])
      expect(readsWholeTables(planOf(sql))).toBe(false)
  })
})
