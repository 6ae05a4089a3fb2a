import { read, type WriteTransaction, write } from '@lockkeeper/core/procedures'
import { indexDocument } from '../documents/index-document.ts'
import { pageLimits } from '../limits.ts'
import type { Blob, Page, StoreStatus } from '../types.ts'
import type { BlobRow } from './blob-row.ts'
import { blobQueries } from './queries.ts'

/** Stores blobs and their index rows. Blobs that are there already change nothing, so it bears repetition. */
export const store = write((tx, blobs: readonly BlobRow[]) => {
  let [stored, bytes] = [0, 0]
  for (const blob of blobs) {
    if (!insertBlob(tx, blob)) continue
    if (blob.document !== undefined) indexDocument(tx, blob.cid, blob.document)
    stored += 1
    bytes += blob.bytes.byteLength
  }
  if (stored > 0) tx.run('update blob_totals set blobs = blobs + ?, bytes = bytes + ?', [stored, bytes])
  return { stored, bytes }
})

function insertBlob(tx: WriteTransaction, { cid, codec, bytes }: BlobRow): boolean {
  const sql = 'insert into blobs (cid, codec, size, bytes) values (?, ?, ?, ?) on conflict (cid) do nothing'
  return tx.run(sql, [cid, codec, bytes.byteLength, bytes]).changes > 0
}

/** The blobs of at most `pageLimits.blobsReadAtOnce` CIDs, in the order of the CIDs; those not stored are left out. */
export const byCid = read((tx, cids: readonly string[]) =>
  cids.slice(0, pageLimits.blobsReadAtOnce).flatMap((cid) => tx.all<Blob>(blobQueries.byCid, [cid])),
)

/** Those of at most `pageLimits.lookupItemsMax` CIDs that are not stored, in the order given. */
export const missing = read((tx, cids: readonly string[]) => {
  const asked = JSON.stringify(cids.slice(0, pageLimits.lookupItemsMax))
  return tx.all<{ cid: string }>(blobQueries.missing, [asked]).map(({ cid }) => cid)
})

export const list = read((tx, { limit, after = '' }: Page) =>
  tx.all<{ cid: string }>(blobQueries.list, [after, limit]).map(({ cid }) => cid),
)

export const status = read(
  (tx): StoreStatus =>
    tx.first<StoreStatus>(blobQueries.status) ?? { documents: 0, blobs: 0, bytes: 0, peers: 0 },
)
