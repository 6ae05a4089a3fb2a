import { documentCursor, type PeerStore } from '@lockkeeper/peer-store'
import { Hono } from 'hono'
import type { NodeStatus } from '../node/node-status.ts'
import { readDocumentKey, readPage, readSearch } from './query.ts'

/** What the HTTP side sees of a node. */
export interface NodeView {
  readonly store: PeerStore
  status(): Promise<NodeStatus>
}

/** The JSON API. Pages of a list carry `next`, the `after` of the page that follows, or null at the end. */
export function createApi({ store, status }: NodeView): Hono {
  const api = new Hono()
  api.get('/status', async (context) => context.json(await status()))
  // What `lockkeeper doctor --url` reads.
  api.get('/report', (context) => context.json(store.report()))
  api.get('/peers', async (context) => {
    const page = readPage(context.req.query())
    const peers = await store.listPeers(page)
    return context.json({ peers, next: nextOf(peers, page.limit, ({ id }) => id) })
  })
  api.get('/documents', async (context) => {
    const page = readPage(context.req.query())
    const documents = await store.listDocuments(page)
    return context.json({ documents, next: nextOf(documents, page.limit, documentCursor) })
  })
  api.get('/document', async (context) => {
    const document = await store.openDocument(readDocumentKey(context.req.query()))
    if (document === undefined) return context.json({ error: 'no such document' }, 404)
    return context.json(document)
  })
  api.get('/search', async (context) => {
    const { text, ...page } = readSearch(context.req.query())
    const hits = await store.search(text, page)
    return context.json({ hits, next: nextOf(hits, page.limit, ({ position }) => position) })
  })
  api.get('/blobs', async (context) => {
    const page = readPage(context.req.query())
    const cids = await store.listBlobs(page)
    return context.json({ cids, next: nextOf(cids, page.limit, (cid) => cid) })
  })
  api.all('*', (context) => context.json({ error: 'no such call' }, 404))
  return api
}

function nextOf<Item>(items: readonly Item[], limit: number, keyOf: (item: Item) => string): string | null {
  const last = items.at(-1)
  return last === undefined || items.length < limit ? null : keyOf(last)
}
