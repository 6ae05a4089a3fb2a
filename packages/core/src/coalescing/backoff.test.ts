import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

const limits = { backoffMsFirst: 50, backoffMsMax: 5_000 }

test('pauses double with every failure in a row, up to the cap', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((failures) => backoffMs(failures, limits))
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
})

test('a day of failures still pauses no longer than the cap', () => {
  expect(backoffMs(20_000, limits)).toBe(5_000)
})

test('a refusal that names a later time is heeded, within the cap', () => {
  expect(backoffMs(1, limits, 700)).toBe(700)
  expect(backoffMs(1, limits, 60_000)).toBe(5_000)
})
