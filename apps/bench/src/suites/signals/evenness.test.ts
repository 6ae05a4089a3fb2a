import { expect, it } from 'vitest'
import { evennessOf } from './evenness.ts'

it('evenness is what the least served got of what the best served got', () => {
  expect(evennessOf([50, 50, 50])).toEqual({ value: 100, unit: '%' })
  expect(evennessOf([30, 60, 45])).toEqual({ value: 50, unit: '%' })
  expect(evennessOf([0, 10])).toEqual({ value: 0, unit: '%' })
})
