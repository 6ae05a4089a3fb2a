import { expect, test } from 'vitest'
import { Latencies } from './latencies.ts'

test('percentiles are of reads that were met', () => {
  const latencies = new Latencies()
  for (let ms = 100; ms >= 1; ms--) latencies.add(ms)
  expect(latencies.summary()).toEqual({ count: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 })
})

test('nothing read is nothing measured', () => {
  expect(new Latencies().summary()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 })
})
