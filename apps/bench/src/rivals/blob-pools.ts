import { blobCallers } from '../limits-peer-store.ts'
import type { OpenBlobHost } from '../measure/measure-blobs.ts'
import { type BlobRow, rowOf, selectCounts, work } from '../subjects/blob-work.ts'
import type { CorpusBlob } from '../subjects/corpus.ts'
import { assertCounts, type StoredCounts } from '../subjects/stored-counts.ts'
import { makeTablesOnce } from './raw-connection.ts'
import { SharedPool } from './shared-pool.ts'
import { SplitPool } from './split-pool.ts'
import type { Store } from './store.ts'

const module = new URL('./blob-tables.ts', import.meta.url)

export type OpenBlobs = (folder: string) => Promise<Store<never, BlobRow>>

export const openShared: OpenBlobs = (folder) => SharedPool.open(folder, module)
export const openSplit: OpenBlobs = (folder) => SplitPool.open(folder, module)

/** A store of pooled connections that stores and indexes blobs. */
export async function openBlobPool(
  folder: string,
  open: OpenBlobs,
): Promise<OpenBlobHost & { readonly store: Store<never, BlobRow> }> {
  makeTablesOnce(folder, work.tables)
  const store = await open(folder)
  return {
    store,
    callers: blobCallers,
    put: async (blobs) => store.writeBlobs(await Promise.all(blobs.map(ownRow))),
    indexed: async () => undefined,
    assertStored: async (corpus) => {
      const [counts] = await store.read(selectCounts)
      assertCounts(counts as StoredCounts, corpus)
    },
    close: () => store.close(),
  }
}

/** With bytes of its own: a message takes all of the memory along that bytes are a part of. */
export async function ownRow(blob: CorpusBlob): Promise<BlobRow> {
  const row = await rowOf(blob)
  return { ...row, multihash: new Uint8Array(row.multihash), data: new Uint8Array(row.data) }
}
