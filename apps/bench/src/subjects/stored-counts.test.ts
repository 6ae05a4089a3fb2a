import { describe, expect, it } from 'vitest'
import { assertStoredWithin } from './stored-counts.ts'

describe('what a file must hold of blobs', () => {
  it('is all that was acknowledged, and nothing that was not handed in', () => {
    const bounds = { least: 10, most: 20 }
    for (const stored of [10, 15, 20]) expect(() => assertStoredWithin(stored, bounds)).not.toThrow()
    for (const stored of [9, 21, undefined]) {
      expect(() => assertStoredWithin(stored, bounds)).toThrow(/10 blobs were acknowledged, 20 handed in/)
    }
  })
})
