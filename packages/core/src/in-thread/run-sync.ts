import type { Statement } from '../engine/port.ts'
import type { SqlParameters } from '../procedures/define.ts'

/** What of the rows is wanted, and how. */
export type RowShape = 'objects' | 'firstObject' | 'firstValue' | 'column' | 'arrays'

/** Runs a statement to its end: whatever it answers, the connection has no statement open afterwards. */
export function runSync(
  statement: Statement,
  shape: RowShape,
  parameters: SqlParameters | undefined,
): unknown {
  switch (shape) {
    case 'firstObject':
      return statement.firstObject(parameters)
    case 'firstValue':
      return statement.firstArray(parameters)?.[0]
    case 'objects':
      return statement.objects(parameters)
    case 'column':
      return statement.arrays(parameters).map(firstCell)
    case 'arrays':
      return statement.arrays(parameters)
  }
}

const firstCell = (row: readonly unknown[]): unknown => row[0]
