import { describe, expect, it } from 'vitest'
import { fractions } from './xorshift.ts'

describe('fractions', () => {
  it('are the same for the same seed, others for another, and spread evenly from 0 to 1', () => {
    const take = (seed: number): number[] => {
      const next = fractions(seed)
      return Array.from({ length: 10_000 }, () => next())
    }
    const some = take(3)
    expect(take(3)).toEqual(some)
    expect(take(4)).not.toEqual(some)
    expect(some.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true)
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = some.filter((fraction) => Math.floor(fraction * 10) === tenth).length
      expect(count).toBeGreaterThan(850)
      expect(count).toBeLessThan(1_150)
    }
  })
})
