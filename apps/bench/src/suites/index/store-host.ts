import { join } from 'node:path'
import { openPeerStore, type PeerStore, type VerifiedBlob } from '@lockkeeper/peer-store'
import { blobCallers } from '../../limits-peer-store.ts'
import type { OpenBlobHost } from '../../measure/measure-blobs.ts'
import { assertCounts } from '../../subjects/stored-counts.ts'

export const storeFile = (folder: string): string => join(folder, 'bench.db')

/** A peer node's store, at default settings. */
export async function openStoreHost(folder: string): Promise<OpenBlobHost & { readonly store: PeerStore }> {
  const store = await openPeerStore({ file: storeFile(folder) })
  return {
    store,
    callers: blobCallers,
    // Who made the blobs has signed them: they need not be verified.
    put: (blobs) => store.putBlobs(blobs as readonly VerifiedBlob[]),
    indexed: () => store.indexed(),
    assertStored: async (corpus) => {
      const { blobs, documents, toIndex, waiting } = await store.status()
      assertCounts({ blobs, documents, left: toIndex + waiting }, corpus)
    },
    close: () => store.close(),
  }
}
