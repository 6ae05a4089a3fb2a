import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spreadOf } from './statistics.ts'

describe('a spread', () => {
  it('takes the middle value, and between two middle ones the mean', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
    expect(spreadOf([10, 1, 2, 5])).toEqual({ median: 3.5, min: 1, max: 10 })
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 })
  })

  it('sorts by number, not by text', () => {
    expect(spreadOf([9, 10, 100]).median).toBe(10)
  })

  it('refuses to judge nothing', () => {
    expect(() => spreadOf([])).toThrow(RangeError)
  })

  it('has at most half of the values on either side of its median, in whatever order they come', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 })
    fc.assert(
      fc.property(values, (some) => {
        const { median, min, max } = spreadOf(some)
        const half = some.length / 2
        expect(some.filter((value) => value < median).length).toBeLessThanOrEqual(half)
        expect(some.filter((value) => value > median).length).toBeLessThanOrEqual(half)
        expect(some.every((value) => value >= min && value <= max)).toBe(true)
        expect(some).toContain(min)
        expect(some).toContain(max)
        expect(spreadOf(some.toReversed())).toEqual({ median, min, max })
      }),
    )
  })
})
