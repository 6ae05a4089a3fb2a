// The advice has to be right or none: an index on the wrong column costs every write and serves no read.
import { describe, expect, it } from 'vitest'
import { adviseIndex, readsWholeTables } from './index-advice.ts'

/** `table (columns)`, or the first words of what to do instead. */
function advice(sql: string, ...plan: string[]): string {
  const { table, columns, otherwise } = adviseIndex(sql, plan.length === 0 ? undefined : plan)
  return columns.length > 0
    ? `${table} (${columns.join(', ')})`
    : `${table ?? '?'}: ${otherwise.slice(0, 20)}`
}

describe('the columns of an index', () => {
  it.each([
    ['select * from peers where account = ?', 'peers (account)'],
    [
      'SELECT "Id" FROM "Peers" AS p WHERE p."Account" = :account AND p.kind IN (1, 2)',
      'Peers (Account, kind)',
    ],
    ['select * from links where at > ? and target = ? and kind is null', 'links (target, kind, at)'],
    ['select * from links where at between ? and ? and target = ?', 'links (target, at)'],
    ['update peers set seen = ? where account = ?', 'peers (account)'],
    ['update or ignore peers set seen = ? where account = ?', 'peers (account)'],
    ['delete from main.peers where expires < ? returning id', 'peers (expires)'],
    ['select id from notes where account = ? order by at desc limit 30', 'notes (account, at)'],
    ['select id from notes where account = ? order by at desc, id desc', 'notes (account, at, id)'],
    ['select id from notes order by at desc limit 30', 'notes (at)'],
    ["select id from notes -- where body = 1\nwhere title = 'a or b'", 'notes (title)'],
    ['select id from notes where (a = 1 or b = 2) and kind = ?', 'notes (kind)'],
  ])('%s: %s', (sql, expected) => {
    expect(advice(sql)).toBe(expected)
  })

  it('belong to the table that the plan scans, by its alias', () => {
    const sql = 'select * from links l join notes n on n.id = l.target where n.account = ? and l.kind = ?'
    expect(advice(sql, 'SCAN l', 'SEARCH n USING INTEGER PRIMARY KEY (rowid=?)')).toBe('links (kind)')
    expect(advice(sql, 'SCAN n', 'SEARCH l USING INDEX links_target (target=?)')).toBe('notes (account)')
  })

  it('are those of the index that SQLite made for the run, where it made one', () => {
    const sql = 'select * from notes n, links l where l.target = n.id and l.kind = n.kind'
    const plan = ['SCAN n', 'SEARCH l USING AUTOMATIC COVERING INDEX (target=? AND kind=?)']
    expect(advice(sql, ...plan)).toBe('links (target, kind)')
  })
})

describe('no index', () => {
  it.each([
    ['select * from a, b where kind = ?', '?: Which index would he'],
    ['select * from peers where a = ? or b = ?', 'peers: Which index would he'],
    ['select * from peers where lower(name) = ?', 'peers: Which index would he'],
    ['select * from peers where kind <> ? and not seen', 'peers: Which index would he'],
    ['select * from peers where kind != ?', 'peers: Which index would he'],
    ['select * from peers where kind is not null', 'peers: Which index would he'],
    ['select * from peers where id in (select peer from links) and kind = ?', 'peers: Which index would he'],
    ['select a from peers where a = 1 union select b from links where b = 1', '?: Which index would he'],
    ['update peers set a = 1 where b = 2; delete from peers where c = 3', 'peers: Which index would he'],
    ['select * from peers where a = 1 and b…', 'peers: Which index would he'],
    ['select count(*) from peers', 'peers: It has no WHERE that'],
    ['select * from notes order by at', 'notes: It has no WHERE that'],
    ['select * from notes order by lower(title) limit 3', 'notes: It has no WHERE that'],
    ['select * from notes where body like ?', 'notes: An index serves LIKE'],
  ])('%s: %s', (sql, expected) => {
    expect(advice(sql)).toBe(expected)
  })
})

describe('a plan', () => {
  it('reads whole tables where it scans one, or makes an index for one run', () => {
    expect(readsWholeTables(['SEARCH p USING INTEGER PRIMARY KEY (rowid=?)', 'SCAN l'])).toBe(true)
    expect(readsWholeTables(['SEARCH l USING AUTOMATIC PARTIAL COVERING INDEX (kind=?)'])).toBe(true)
  })

  it('does not where it searches, goes through a subquery’s rows or asks a virtual table', () => {
    const plan = ['SCAN CONSTANT ROW', 'SCAN (subquery-2)', 'SCAN notes_text VIRTUAL TABLE INDEX 0:M1']
    expect(readsWholeTables([...plan, 'SEARCH p USING INDEX peers_account (account=?)'])).toBe(false)
  })
})
