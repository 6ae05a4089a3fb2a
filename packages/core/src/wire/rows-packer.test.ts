// Rows of several queries, packed one after the other as they come: each query's come out of its own place.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buffersOf, type PackedRows, packRows, unpackArrays, unpackColumn, unpackObjects } from './rows.ts'
import { RowsPacker } from './rows-packer.ts'

/** Through a message, its bytes handed over. */
const sent = (rows: PackedRows): PackedRows => structuredClone(rows, { transfer: buffersOf(rows) })

const cell = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double(),
  fc.string(),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
)
const queries = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      queries: fc.array(fc.array(fc.tuple(...columns.map(() => cell)), { maxLength: 4 }), { maxLength: 6 }),
    }),
  )

describe('rows of several queries in one packing', () => {
  it.each(['objects', 'arrays'])('come out as they went in, each query’s from its place: %s', (shape) => {
    fc.assert(
      fc.property(queries, ({ columns, queries }) => {
        const objects = (rows: readonly unknown[][]): Record<string, unknown>[] =>
          rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])))
        const packer = shape === 'objects' ? new RowsPacker(columns) : RowsPacker.ofWidth(columns.length)
        const places = queries.map((rows) => {
          const from = packer.count
          if (shape === 'objects') packer.addObjects(objects(rows))
          else packer.addArrays(rows)
          return from
        })
        const packed = sent(packer.finish())
        for (const [at, rows] of queries.entries()) {
          const place = [packed, places[at], rows.length] as const
          expect(unpackArrays(...place)).toEqual(rows)
          expect(unpackColumn(...place)).toEqual(rows.map(([first]) => first))
          if (shape === 'objects') expect(unpackObjects(...place)).toEqual(objects(rows))
        }
      }),
      seeded(`rows packed as ${shape}`, 300),
    )
  })

  it('are packed as those of one query are', () => {
    const rows = [
      [1, Buffer.from('ab'), null],
      ['x', Buffer.alloc(0), 2n],
    ]
    const packer = new RowsPacker(['a', 'b', 'c'])
    packer.addArrays(rows)
    const [one, other] = [sent(packer.finish()), sent(packRows(['a', 'b', 'c'], rows))]
    expect([one.values, one.count, one.columns]).toEqual([other.values, other.count, other.columns])
    expect(unpackArrays(one)).toEqual(unpackArrays(other))
  })
})

describe('a packing', () => {
  it('takes rows of its own columns only, in their order', () => {
    const packer = new RowsPacker(['a', 'b'])
    expect(
      [['a', 'b'], ['b', 'a'], ['a'], ['a', 'b', 'c'], ['a', 'B']].map((names) => packer.fits(names)),
    ).toEqual([true, false, false, false, false])
    expect([packer.fitsWidth(2), packer.fitsWidth(3)]).toEqual([true, false])
  })

  it('tells its size, so that a chunk can be bounded: texts and bytes by their length', () => {
    const packer = RowsPacker.ofWidth(2)
    packer.addArrays([['x'.repeat(1_000), Buffer.alloc(2_000)]])
    expect(packer.size).toBeGreaterThanOrEqual(3_000)
    expect(packer.size).toBeLessThan(3_100)
  })

  it('is a copy: the bytes it was made of may be used again', () => {
    const source = Buffer.from('abc')
    const packer = RowsPacker.ofWidth(1)
    packer.addArrays([[source]])
    const packed = packer.finish()
    source.fill(0)
    expect(unpackColumn(packed)).toEqual([Buffer.from('abc')])
  })
})
