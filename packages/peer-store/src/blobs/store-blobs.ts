import type { WriteTransaction } from '@lockkeeper/core/procedures'
import { codecs } from '../records/cid.ts'
import type { BlobRow } from './blob-row.ts'
import { blobQueries } from './queries.ts'

export const blobStates = { toIndex: 0, indexed: 1, waiting: 2, refused: 3 } as const

/** Stores blobs, records to be indexed later. What is there already changes nothing, so it bears repetition. */
export function storeBlobs(
  tx: WriteTransaction,
  rows: readonly BlobRow[],
): { readonly stored: number; readonly bytes: number } {
  let [stored, bytes] = [0, 0]
  for (const row of rows) {
    if (!insert(tx, row)) continue
    stored += 1
    bytes += row.size
  }
  if (stored > 0) tx.run(blobQueries.addTotals, [stored, bytes])
  return { stored, bytes }
}

function insert(tx: WriteTransaction, { multihash, codec, size, encoding, data }: BlobRow): boolean {
  const isRecord = codec === codecs.dagCbor
  const state = isRecord ? blobStates.toIndex : blobStates.indexed
  const { changes, lastInsertRowid: id } = tx.run(blobQueries.insert, [multihash, codec, size, state])
  if (changes > 0) tx.run(blobQueries.insertData, [id, encoding, data])
  else if (isRecord) tx.run(blobQueries.upgrade, [codec, multihash, codec])
  return changes > 0
}
