import { describe, expect, it } from 'vitest'
import { mediansOf, rowsOf, type Sample } from './rows.ts'

const sample = (subject: string, value: number, inCase = 'writes'): Sample => ({
  case: inCase,
  subject,
  measurements: { throughput: { value, unit: 'writes/s' } },
})

describe('rows', () => {
  it('gather the trials of one subject, apart by case, subject and metric', () => {
    const samples = [sample('a', 1), sample('b', 10), sample('a', 3), sample('a', 2), sample('a', 9, 'bulk')]
    expect(rowsOf(samples)).toEqual([
      { case: 'writes', subject: 'a', metric: 'throughput', unit: 'writes/s', median: 2, min: 1, max: 3 },
      { case: 'writes', subject: 'b', metric: 'throughput', unit: 'writes/s', median: 10, min: 10, max: 10 },
      { case: 'bulk', subject: 'a', metric: 'throughput', unit: 'writes/s', median: 9, min: 9, max: 9 },
    ])
  })

  it('never mix units', () => {
    const other: Sample = {
      case: 'writes',
      subject: 'a',
      measurements: { throughput: { value: 1, unit: 'rows/s' } },
    }
    expect(() => rowsOf([sample('a', 1), other])).toThrow(/writes\/s and in rows\/s/)
  })
})

describe('medians', () => {
  it('are not a number where no trial gave one, so that no ratio can rest on it', () => {
    const medians = mediansOf(rowsOf([sample('a', 4), sample('a', 6)]))
    expect(medians('writes', 'a', 'throughput')).toBe(5)
    expect(medians('writes', 'b', 'throughput')).toBeNaN()
    expect(medians('writes', 'a', 'throughput') / medians('bulk', 'a', 'throughput')).toBeNaN()
  })
})
