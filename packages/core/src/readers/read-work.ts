import type { ErrorWire } from '../errors/wire.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { PackedRows } from '../wire/rows.ts'

/** What is wanted of the rows: all of them or the first, with their names or without. */
export type RowShape = 'objects' | 'arrays' | 'firstObject' | 'firstArray'

/** What one read asks for. */
export type ReadWork =
  | {
      readonly kind: 'query'
      readonly sql: string
      readonly parameters: SqlParameters | undefined
      readonly shape: RowShape
    }
  | { readonly kind: 'procedure'; readonly name: string; readonly input: unknown }
  /** Of ours: how SQLite would go about a statement, which is not run. */
  | { readonly kind: 'plan'; readonly sql: string }

export type ReadAnswer =
  | { readonly kind: 'rows'; readonly rows: PackedRows; readonly from: number; readonly count: number }
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'error'; readonly error: ErrorWire }
