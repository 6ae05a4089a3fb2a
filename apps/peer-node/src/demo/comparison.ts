import { openPeerStore, type PeerStore } from '@lockkeeper/peer-store'
import { equals } from 'multiformats/bytes'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { demoLimits } from './limits.ts'
import type { DemoResult } from './result.ts'

export type Comparison = Pick<DemoResult, 'documents' | 'blobs' | 'bytes' | 'identical'>

/**
 * Compares what two nodes hold, from their files, once they are closed: the same blobs by name, and every one of them still
 * what its name says. The counts are the first node's.
 */
export async function compareStores(firstFile: string, secondFile: string): Promise<Comparison> {
  await using first = await openPeerStore({ file: firstFile })
  await using second = await openPeerStore({ file: secondFile })
  const [firstNames, secondNames] = [await soundBlobs(first), await soundBlobs(second)]
  const sameNames = firstNames !== undefined && firstNames.join() === secondNames?.join()
  await Promise.all([first.indexed(), second.indexed()])
  const [held, synced] = [await first.status(), await second.status()]
  const sameCounts = (['documents', 'blobs', 'bytes'] as const).every(
    (count) => held[count] === synced[count],
  )
  const { documents, blobs, bytes } = held
  return { documents, blobs, bytes, identical: sameNames && sameCounts }
}

/** The names of all blobs, in order; undefined if any blob's bytes do not hash to its name. */
async function soundBlobs(store: PeerStore): Promise<string[] | undefined> {
  const names: string[] = []
  for (;;) {
    const page = await store.listBlobs({ limit: demoLimits.hashedAtOnce, after: names.at(-1) })
    if (page.length === 0) return names
    const blobs = await store.getBlobs(page)
    if (blobs.length !== page.length) return undefined
    for (const { cid, bytes } of blobs) {
      const { digest } = await sha256.digest(bytes)
      if (!equals(digest, CID.parse(cid).multihash.digest)) return undefined
    }
    names.push(...page)
  }
}
