import { expect, test } from 'vitest'
import { withinTime } from './within-time.ts'

test('work is done and answers, or throws, as without a bound', () => {
  expect(withinTime(1_000, () => [1, 2])).toEqual([1, 2])
  expect(() =>
    withinTime(1_000, () => {
      throw new RangeError('own')
    }),
  ).toThrow(RangeError)
})

test.each<[string, () => unknown]>([
  [
    'a loop',
    () => {
      for (;;);
    },
  ],
  ['a regular expression', () => /^(a+)+$/.test(`${'a'.repeat(40)}b`)],
])('%s without end is broken off', (_, work) => {
  expect(() => withinTime(20, work)).toThrow(/timed out/)
  expect(withinTime(1_000, () => 'next')).toBe('next')
})
