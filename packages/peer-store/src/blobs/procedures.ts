import { job, type ReadTransaction, read, write } from '@lockkeeper/core/procedures'
import { indexLimits, knownLimits, pageLimits } from '../limits.ts'
import { codecs } from '../records/cid.ts'
import { cidFrom, type Name, nameOf } from '../records/multihash.ts'
import type { Blob, Page, StoreStatus } from '../types.ts'
import type { BlobRow } from './blob-row.ts'
import { decompressed, type EncodedData } from './compression.ts'
import { blobQueries } from './queries.ts'
import { storeBlobs } from './store-blobs.ts'

/** Stores blobs; records among them are marked to be indexed. */
export const store = write((tx, rows: readonly BlobRow[]) => storeBlobs(tx, rows))

/** The blobs of at most `pageLimits.blobsReadAtOnce` CIDs, in the order of the CIDs; those not stored are left out. */
export const byCid = read((tx, cids: readonly string[]) =>
  cids.slice(0, pageLimits.blobsReadAtOnce).flatMap((cid): Blob[] => {
    const name = nameOf(cid)
    const found = name === undefined ? undefined : tx.first<EncodedData>(blobQueries.data, [name.multihash])
    return found === undefined ? [] : [{ cid, bytes: decompressed(found) }]
  }),
)

/** Those of at most `pageLimits.lookupItemsMax` CIDs that are not stored as what they say, in the order given. */
export const missing = read((tx, cids: readonly string[]) =>
  cids.slice(0, pageLimits.lookupItemsMax).filter((cid) => !isStored(tx, nameOf(cid))),
)

function isStored(tx: ReadTransaction, name: Name | undefined): boolean {
  if (name === undefined) return false
  const codec = tx.value<number>(blobQueries.codec, [name.multihash])
  return codec !== undefined && (name.codec !== codecs.dagCbor || codec === codecs.dagCbor)
}

/** CIDs in the order of their multihashes. */
export const list = read((tx, { limit, after }: Page) => {
  const from = after === undefined ? undefined : nameOf(after)?.multihash
  return tx.all<Name>(blobQueries.list, [from ?? new Uint8Array(), limit]).map(cidFrom)
})

/** One page of all names, for the app's thread to know them: multihashes in one piece, in the order of arrival. */
export const names = read((tx, after: number) => {
  const rows = tx.all<Name & { id: number }>(blobQueries.names, [after, knownLimits.pageItems])
  return {
    multihashes: Buffer.concat(rows.map(({ multihash }) => multihash)),
    codecs: Uint8Array.from(rows, ({ codec }) => codec),
    last: rows.at(-1)?.id,
  }
})

export const status = read(
  (tx): StoreStatus =>
    tx.first<StoreStatus>(blobQueries.status) ?? {
      documents: 0,
      blobs: 0,
      bytes: 0,
      peers: 0,
      toIndex: 0,
      waiting: 0,
    },
)

/** Blobs of the first schema whose data has not been moved yet. */
export const countOld = read((tx) => tx.value<number>(blobQueries.countOld) ?? 0)

/** Moves the data of the first schema's blobs to its new place, some in each step. */
export const adopt = job(function* (step) {
  const total = step.tx.value<number>(blobQueries.countOld) ?? 0
  for (let done = 0; ; ) {
    const endsAt = performance.now() + indexLimits.jobStepMs
    let bytes = 0
    do {
      const old = step.tx.first<{ id: number; size: number }>(blobQueries.oldest)
      if (old === undefined) return done
      const hasPlace = step.tx.value<number>(blobQueries.hasPlace, { id: old.id }) === 1
      if (hasPlace) step.tx.run(blobQueries.move, [old.id])
      step.tx.run(blobQueries.removeOld, [old.id])
      bytes += old.size
      done += 1
    } while (!step.tx.shouldYield && performance.now() < endsAt && bytes < indexLimits.bytesMax)
    yield { cursor: done, done, total }
  }
})
