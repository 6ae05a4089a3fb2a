// Promises 2 and 8 for what is derived: whatever order blobs come in, by whichever way, with reindexing and restarts in between,
// two stores with the same blobs show the same.
import { seeded, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { encodeComment } from '../records/comment-record.ts'
import type { PeerStore, VerifiedBlob } from '../types.ts'
import { openPeerStore } from './open-peer-store.ts'

const authors = [author(), author()]

/** Versions of four places, some of one time, that link to one another by path and by CID; comments on them and on comments. */
function someBlobs(): VerifiedBlob[] {
  const blobs: VerifiedBlob[] = []
  for (let at = 0; at < 24; at++) {
    const earlier = blobs.filter((_, index) => index % 5 === at % 5).map(({ cid }) => cid)
    blobs.push(
      documentOf(authors[at % 2] ?? author(), {
        path: `${at % 3}/${at % 4}.md`,
        time: at % 7,
        text: `version${at} zebra`,
        links: [`${(at + 1) % 4}.md`, '../0/0.md', ...earlier],
      }),
    )
  }
  for (let at = 0; at < 16; at++) {
    const on = blobs[(at * 5) % blobs.length]?.cid ?? ''
    blobs.push(encodeComment({ on, text: `comment${at} zebra`, time: at }, authors[at % 2] ?? author()))
  }
  return blobs
}

/** All that people see of a store, but for what follows the order of arrival. */
async function shown(store: PeerStore, blobs: readonly VerifiedBlob[]): Promise<unknown> {
  const documents = await store.listDocuments({ limit: 1_000 })
  const byCid = <Item extends { cid: string }>(items: readonly Item[]): Item[] =>
    items.toSorted((one, other) => (one.cid < other.cid ? -1 : 1))
  const opened = blobs.map(async ({ cid }) => {
    const document = await store.openDocument({ cid })
    return document && { ...document, backlinks: byCid(document.backlinks) }
  })
  const places = documents.map(async (place) => ({
    versions: await store.documentVersions(place, { limit: 100 }),
    comments: byCid(await store.comments({ ...place, limit: 100 })).map(({ position: _, ...rest }) => rest),
  }))
  const hits = await store.search('zebra', { limit: 100 })
  const feed = await store.feed({ limit: 200 })
  return {
    documents,
    opened: await Promise.all(opened),
    places: await Promise.all(places),
    hits: hits.map(({ found, cid, snippet }) => `${found.cid} ${found.kind} ${cid} ${snippet}`).sort(),
    feed: byCid(feed).map(({ position: _, ...rest }) => rest),
    status: await store.status(),
  }
}

test('what is shown follows from the blobs alone', async () => {
  const blobs = someBlobs()
  await using folder = await temporaryFolder()
  const reference = await openPeerStore({ file: folder.file('reference.db') })
  await reference.putBlobs(blobs, { until: 'indexed' })
  const expected = await shown(reference, blobs)
  await reference.close()
  const way = fc.constantFrom('put' as const, 'publish' as const, 'reindex' as const, 'reopen' as const)
  const orders = fc.record({
    order: fc.shuffledSubarray([...blobs.keys()], { minLength: blobs.length }),
    ways: fc.array(fc.tuple(way, fc.integer({ min: 1, max: 12 })), { minLength: 4, maxLength: 10 }),
  })
  let run = 0
  await fc.assert(
    fc.asyncProperty(orders, async ({ order, ways }) => {
      const file = folder.file(`${run++}.db`)
      let store = await openPeerStore({ file })
      const rest = order.map((at) => blobs[at]).filter((blob) => blob !== undefined)
      const underWay: PromiseLike<unknown>[] = []
      for (const [what, count] of ways) {
        if (what === 'put') underWay.push(store.putBlobs(rest.splice(0, count)))
        else if (what === 'publish') underWay.push(store.publish(rest.splice(0, count)))
        else if (what === 'reindex') underWay.push(store.reindex().then(undefined, () => {}))
        else {
          await Promise.all(underWay.splice(0))
          await store.close()
          store = await openPeerStore({ file })
        }
      }
      await Promise.all(underWay)
      await store.putBlobs(rest, { until: 'indexed' })
      expect(await shown(store, blobs)).toEqual(expected)
      await store.reindex()
      await store.indexed()
      expect(await shown(store, blobs)).toEqual(expected)
      await store.close()
    }),
    seeded('orders of arrival', 4),
  )
}, 120_000)
