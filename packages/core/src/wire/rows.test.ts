// The way rows travel between threads: column by column, bytes in one buffer, and out again as they went in.
import { seeded } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buffersOf, type PackedRows, packRows, unpackArrays, unpackColumn, unpackObjects } from './rows.ts'

/** Through a message, its bytes handed over. */
const sent = (rows: PackedRows): PackedRows => structuredClone(rows, { transfer: buffersOf(rows) })

const value = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)
const table = fc
  .array(
    fc.string().filter((name) => name !== '__proto__'),
    { maxLength: 5 },
  )
  .chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      rows: fc.array(fc.tuple(...columns.map(() => value)), { maxLength: 12 }),
    }),
  )

describe('packed rows', () => {
  it('come out as they went in, whatever SQLite’s values are in them', () => {
    fc.assert(
      fc.property(table, ({ columns, rows }) => {
        const arrays = unpackArrays(sent(packRows(columns, rows)))
        expect(arrays).toEqual(rows)
        expect(
          arrays
            .flat()
            .filter((cell) => cell instanceof Uint8Array)
            .every(Buffer.isBuffer),
        ).toBe(true)
        expect(unpackColumn(sent(packRows(columns, rows)))).toEqual(
          columns.length === 0 ? [] : rows.map(([cell]) => cell),
        )
      }),
      seeded('packed rows', 500),
    )
  })

  it('come out as objects in which the last of several columns of one name stays', () => {
    fc.assert(
      fc.property(table, ({ columns, rows }) => {
        const expected = rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])))
        expect(unpackObjects(sent(packRows(columns, rows)))).toEqual(expected)
      }),
      seeded('packed rows as objects', 300),
    )
  })

  it('are what better-sqlite3 gives, duplicate names and Buffers included', () => {
    const memory = new Database(':memory:')
    const query = memory.prepare("select 1 as a, x'0102' as b, 'last' as a, null as c, 2.5 as d, x'' as e")
    const columns = query.columns().map(({ name }) => name)
    const packed = () => sent(packRows(columns, query.raw(true).all() as unknown[][]))
    expect(unpackArrays(packed())).toEqual(query.raw(true).all())
    expect(unpackObjects(packed())).toEqual(query.raw(false).all())
    memory.close()
  })

  it('hand their bytes over in one buffer of just their size, and none where there are none', () => {
    const packed = packRows(
      ['a', 'b'],
      [
        [Buffer.from('abc'), 1],
        [null, Buffer.from('de')],
      ],
    )
    expect(buffersOf(packed).map(({ byteLength }) => byteLength)).toEqual([5])
    expect(packed.values).toEqual([
      [null, null],
      [1, null],
    ])
    expect(buffersOf(packRows(['a'], [['x']]))).toEqual([])
  })

  it('are a copy: the bytes they were made of may be used again', () => {
    const source = Buffer.from('abc')
    const packed = packRows(['a'], [[source]])
    source.fill(0)
    expect(unpackColumn(packed)).toEqual([Buffer.from('abc')])
  })
})
