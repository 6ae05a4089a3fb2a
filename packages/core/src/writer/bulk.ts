import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { bulkBytesMax, bulkChunkBytes, bulkChunkRows, bulkRowsMax, bulkTurnMs } from '../limits.ts'
import { invalid } from '../mailbox/arguments.ts'
import type { SqlParameters } from '../procedures/define.ts'
import { buffersOf, type PackedRows, packRows } from '../wire/rows.ts'
import { detach } from '../wire/values.ts'

/** Some rows of a bulk write, on their way to the writer's thread ahead of the write itself. */
export type BulkChunk =
  | { readonly kind: 'arrays'; readonly rows: PackedRows }
  | { readonly kind: 'objects'; readonly rows: readonly SqlParameters[] }

/** @param bytes roughly what its message carries. */
export type PostChunk = (chunk: BulkChunk, transfer: ArrayBuffer[], bytes: number) => void

/**
 * Sends the rows of a bulk write in chunks, before its transaction begins: one message with all of them would hold the app's
 * thread for as long as it takes to copy them. Between chunks the event loop goes on.
 *
 * @returns how many rows were sent.
 * @param isWanted asked between chunks: false once the write has its outcome.
 * @throws LockkeeperError `invalid-argument` for rows that are no parameters, or too many.
 */
export async function sendRows(
  rows: Iterable<SqlParameters>,
  isWanted: () => boolean,
  post: PostChunk,
): Promise<number> {
  let sent = 0
  let sentBytes = 0
  let chunk: SqlParameters[] = []
  let chunkBytes = 0
  let turnEndsAt = performance.now() + bulkTurnMs
  const flush = (): void => {
    if (chunk.length === 0) return
    postChunk(chunk, chunkBytes, post)
    sent += chunk.length
    sentBytes += chunkBytes
    chunk = []
    chunkBytes = 0
    if (sent > bulkRowsMax || sentBytes > bulkBytesMax) throw tooLarge()
  }
  for (const row of rows) {
    chunkBytes += sizeOf(row)
    chunk.push(row)
    if (chunk.length < bulkChunkRows && chunkBytes < bulkChunkBytes) continue
    flush()
    // Taken back, or too late: whoever ended it has told the caller why.
    if (!isWanted()) return sent
    if (performance.now() < turnEndsAt) continue
    await new Promise((resolve) => setImmediate(resolve))
    turnEndsAt = performance.now() + bulkTurnMs
  }
  flush()
  return sent
}

function postChunk(chunk: readonly SqlParameters[], bytes: number, post: PostChunk): void {
  const width = Array.isArray(chunk[0]) ? chunk[0].length : undefined
  if (width === undefined) {
    post({ kind: 'objects', rows: detach(chunk).value }, [], bytes)
    return
  }
  const arrays = chunk as readonly (readonly unknown[])[]
  if (!arrays.every((row) => Array.isArray(row) && row.length === width)) {
    throw invalid('the rows of writeMany are all arrays of one length, or all objects')
  }
  const packed = packRows(
    Array.from({ length: width }, () => ''),
    arrays,
  )
  post({ kind: 'arrays', rows: packed }, buffersOf(packed), bytes)
}

/** Roughly what a row's message will carry, in bytes. */
function sizeOf(row: SqlParameters): number {
  if (typeof row !== 'object' || row === null)
    throw invalid('a row of writeMany is an array, or an object for named parameters')
  let bytes = 0
  for (const value of Array.isArray(row) ? row : Object.values(row)) {
    if (typeof value === 'string') bytes += value.length
    else if (value instanceof Uint8Array) bytes += value.byteLength
    else if (typeof value === 'object' && value !== null)
      throw invalid('a value is a number, bigint, string, Uint8Array or null')
    else bytes += 8
  }
  return bytes
}

function tooLarge(): LockkeeperError {
  return invalid(
    `writeMany takes at most ${bulkRowsMax} rows and ${bulkBytesMax} bytes: one transaction holds them all. Call it several times`,
  )
}
