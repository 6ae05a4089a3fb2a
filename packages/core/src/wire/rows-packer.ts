import { type FoundBytes, type PackedRows, packBytes, packColumn } from './rows.ts'

/** Where the rows of one query are, among those of others that were packed with them. */
export interface RowsPlace {
  readonly from: number
  readonly count: number
}

/**
 * Packs rows column by column as they come, of several queries one after the other: the rows of sixty point reads travel as
 * cheaply as sixty rows of one. Names come from the rows themselves, since asking the statement for them costs as much as a
 * small query.
 */
export class RowsPacker {
  readonly #columns: readonly string[]
  readonly #values: unknown[][]
  readonly #bytes: FoundBytes[] = []
  #count = 0
  #size = 0

  constructor(columns: readonly string[]) {
    this.#columns = columns
    this.#values = columns.map(() => [])
  }

  /** For rows that are arrays: their columns have no names. */
  static ofWidth(width: number): RowsPacker {
    return new RowsPacker(new Array<string>(width).fill(''))
  }

  get count(): number {
    return this.#count
  }

  /** A rough size of what was packed, in bytes. */
  get size(): number {
    return this.#size
  }

  /** Whether rows of these columns can go along. */
  fits(columns: readonly string[]): boolean {
    if (columns.length !== this.#columns.length) return false
    for (let column = 0; column < columns.length; column++) {
      if (columns[column] !== this.#columns[column]) return false
    }
    return true
  }

  fitsWidth(width: number): boolean {
    return width === this.#columns.length
  }

  /** All of them at once, column by column, which takes a fraction of one by one. */
  addObjects(rows: readonly Record<string, unknown>[]): void {
    for (let column = 0; column < this.#columns.length; column++) {
      this.#addColumn(column, this.#columns[column] as string, rows)
    }
    this.#count += rows.length
  }

  addArrays(rows: readonly (readonly unknown[])[]): void {
    for (let column = 0; column < this.#columns.length; column++) this.#addColumn(column, column, rows)
    this.#count += rows.length
  }

  addObject(row: Record<string, unknown>): void {
    this.addObjects([row])
  }

  addArray(row: readonly unknown[]): void {
    this.addArrays([row])
  }

  #addColumn(column: number, key: string | number, rows: readonly object[]): void {
    const values = this.#values[column] as unknown[]
    let size = 0
    for (let row = 0; row < rows.length; row++) {
      const value = (rows[row] as Record<string | number, unknown>)[key]
      if (typeof value === 'object' && value instanceof Uint8Array) {
        size += value.length
        this.#bytes.push({ value, column, row: this.#count + row })
        values.push(null)
        continue
      }
      size += typeof value === 'string' ? value.length + wordBytes : wordBytes
      values.push(value)
    }
    this.#size += size
  }

  finish(): PackedRows {
    return {
      columns: this.#columns,
      count: this.#count,
      values: this.#values.map(packColumn),
      bytes: packBytes(this.#bytes),
    }
  }
}

const wordBytes = 8
