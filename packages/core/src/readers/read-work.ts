import type { ErrorWire } from '../errors/wire.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { PackedRows } from '../wire/rows.ts'

/** What one read asks for. */
export type ReadWork =
  | {
      readonly kind: 'query'
      readonly sql: string
      readonly parameters: SqlParameters | undefined
      /** Only the first row is wanted. */
      readonly first: boolean
    }
  | { readonly kind: 'procedure'; readonly name: string; readonly input: unknown }

export type ReadAnswer =
  | { readonly kind: 'rows'; readonly rows: PackedRows }
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'error'; readonly error: ErrorWire }
