import { describe, expect, it } from 'vitest'
import { withPlainParameters } from './plain-parameters.ts'

describe('parameters are made plain', () => {
  it.each([
    ['select * from a where x = ? and y = ?', 'select * from a where x = ? and y = ?', 2],
    ['select ?1, ?3', 'select ?, ?', 2],
    ['select :a, @b, $c, :a', 'select ?, ?, ?, ?', 4],
    ['select ?, :a -- :b ?\n, \'?\' || ":c" /* $d */', 'select ?, ? -- :b ?\n, \'?\' || ":c" /* $d */', 2],
    ["select a$b, [x:y], x'00', 1e-5, a->>'$.b'", "select a$b, [x:y], x'00', 1e-5, a->>'$.b'", 0],
    ['select :größe', 'select ?', 1],
    ['', '', 0],
  ])('%s', (sql, plain, count) => {
    expect(withPlainParameters(sql)).toEqual({ sql: plain, count })
  })
})
