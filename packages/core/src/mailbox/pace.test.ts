// Promise 4, the price of it: what is sent in vain has to be sent again, so batches follow what their slice gets through.
import { expect, it } from 'vitest'
import { batchItemsMax, batchItemsMin } from '../limits.ts'
import { Pace } from './pace.ts'

it('starts at the most, falls to what was answered, and never below the least', () => {
  const pace = new Pace()
  expect(pace.items).toBe(batchItemsMax)
  pace.learn(batchItemsMax, 100)
  expect(pace.items).toBe(100)
  pace.learn(100, 1)
  expect(pace.items).toBe(batchItemsMin)
})

it('doubles while whole batches are answered, up to the most; a short batch says nothing', () => {
  const pace = new Pace()
  pace.learn(batchItemsMax, 0)
  pace.learn(batchItemsMin - 1, batchItemsMin - 1)
  expect(pace.items).toBe(batchItemsMin)
  for (let items = batchItemsMin; items < batchItemsMax; items = pace.items) {
    pace.learn(items, items)
    expect(pace.items).toBe(Math.min(batchItemsMax, items * 2))
  }
})
