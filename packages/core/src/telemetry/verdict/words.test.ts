import { expect, it } from 'vitest'
import { bytesOf, countOf, durationOf, listOf, many, percentOf, rateOf } from './words.ts'

it('says durations in the unit that a person would take', () => {
  const said = [0, 0.009, 0.42, 4.25, 150, 9_900, 105_000, 1_020_000, 52_920_000].map(durationOf)
  expect(said).toEqual(['0 ms', '9 µs', '0.42 ms', '4.3 ms', '150 ms', '9.9 s', '105 s', '17 min', '14.7 h'])
})

it('says counts, sizes, parts and rates, and never divides by nothing', () => {
  expect([0, 999, 1_000, 5_344, 12_345_678].map(countOf)).toEqual([
    '0',
    '999',
    '1,000',
    '5,344',
    '12,345,678',
  ])
  expect([12, 2_048, 96_468_992, 2 ** 33].map(bytesOf)).toEqual(['12 B', '2 KiB', '92 MiB', '8 GiB'])
  expect([percentOf(1, 3), percentOf(1, 1_000), percentOf(0, 5), percentOf(1, 0)]).toEqual([
    '33%',
    '<1%',
    '0%',
    '0%',
  ])
  expect([rateOf(5_344, 1_020_000), rateOf(1, 0)]).toEqual(['5.2/s', '0/s'])
  expect([many(1, 'write'), many(2, 'write'), listOf(['a', 'b', 'c'])]).toEqual([
    '1 write',
    '2 writes',
    'a, b and c',
  ])
})
