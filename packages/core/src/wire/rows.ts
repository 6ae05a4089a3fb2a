/**
 * Rows between threads. They travel column by column, since an array of primitives clones several times faster than as
 * many objects, and their bytes travel in one buffer that is handed over instead of copied.
 */
export interface PackedRows {
  readonly columns: readonly string[]
  readonly count: number
  /** One array per column, `count` long; where a value is bytes it holds null. */
  readonly values: readonly unknown[][]
  readonly bytes: PackedBytes | undefined
}

interface PackedBytes {
  readonly buffer: ArrayBuffer
  /** Four numbers for each value: column, row, offset, length. */
  readonly places: readonly number[]
}

export function packRows(columns: readonly string[], rows: readonly (readonly unknown[])[]): PackedRows {
  const found: { readonly value: Uint8Array; readonly column: number; readonly row: number }[] = []
  const values = columns.map((_, column) => {
    const packed = new Array<unknown>(rows.length)
    for (let row = 0; row < rows.length; row++) {
      const value = rows[row]?.[column]
      if (value instanceof Uint8Array) {
        found.push({ value, column, row })
        packed[row] = null
      } else packed[row] = value
    }
    return packed
  })
  return { columns, count: rows.length, values, bytes: packBytes(found) }
}

function packBytes(
  found: readonly { readonly value: Uint8Array; readonly column: number; readonly row: number }[],
): PackedBytes | undefined {
  if (found.length === 0) return undefined
  const all = new Uint8Array(found.reduce((total, { value }) => total + value.length, 0))
  const places: number[] = []
  let offset = 0
  for (const { value, column, row } of found) {
    all.set(value, offset)
    places.push(column, row, offset, value.length)
    offset += value.length
  }
  return { buffer: all.buffer, places }
}

/** What to hand over with the message that carries the rows. */
export function buffersOf(rows: PackedRows): ArrayBuffer[] {
  return rows.bytes === undefined ? [] : [rows.bytes.buffer]
}

/** Rows as arrays, in the order of the columns. Bytes are Buffers. */
export function unpackArrays(packed: PackedRows): unknown[][] {
  const { values, count } = restored(packed)
  const rows = new Array<unknown[]>(count)
  for (let row = 0; row < count; row++) {
    const cells = new Array<unknown>(values.length)
    for (let column = 0; column < values.length; column++) cells[column] = values[column]?.[row]
    rows[row] = cells
  }
  return rows
}

/** Rows as objects; of columns with the same name the last one stays, as in better-sqlite3. */
export function unpackObjects(packed: PackedRows): Record<string, unknown>[] {
  const { values, count, columns } = restored(packed)
  const rows = new Array<Record<string, unknown>>(count)
  for (let row = 0; row < count; row++) {
    const cells: Record<string, unknown> = {}
    for (let column = 0; column < columns.length; column++)
      cells[columns[column] as string] = values[column]?.[row]
    rows[row] = cells
  }
  return rows
}

/** The first column. */
export function unpackColumn(packed: PackedRows): unknown[] {
  return (restored(packed).values[0] as unknown[] | undefined) ?? []
}

function restored(packed: PackedRows): PackedRows {
  if (packed.bytes !== undefined) {
    const { buffer, places } = packed.bytes
    for (let at = 0; at < places.length; at += 4) {
      const [column, row, offset, length] = places.slice(at, at + 4) as [number, number, number, number]
      const cells = packed.values[column]
      if (cells !== undefined) cells[row] = Buffer.from(buffer, offset, length)
    }
  }
  return packed
}
