import { expect, it } from 'vitest'
import { sizeOf } from './terminal.ts'

it('a terminal that does not know its size, or says 0, hides no line', () => {
  for (const unknown of [{}, { columns: 0, rows: 0 }])
    expect(sizeOf(unknown)).toEqual({ width: 100, rows: Number.POSITIVE_INFINITY })
  expect(sizeOf({ columns: 80, rows: 24 })).toEqual({ width: 80, rows: 24 })
})
