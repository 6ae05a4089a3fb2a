import type { PeerStore } from '@lockkeeper/peer-store'
import { Hono } from 'hono'
import { CID } from 'multiformats/cid'
import { readMediaFile } from './media-file.ts'
import { BadRequestError } from './query.ts'

/** A blob never changes under its name. What is in it is a stranger's: it is downloaded, never run or shown. */
const headers = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment',
  'cache-control': 'public, max-age=31536000, immutable',
}

/** Blobs as they are, and files put together from their chunks. */
export function createBlobRoutes(store: PeerStore): Hono {
  const routes = new Hono()
  routes.get('/blob/:cid', async (context) => {
    const cid = readCid(context.req.param('cid')).toString()
    const etag = `"${cid}"`
    if (context.req.header('if-none-match') === etag) return context.body(null, 304)
    const blob = await store.getBlob(cid)
    if (blob === undefined) return context.json({ error: 'no such blob' }, 404)
    return context.body(new Uint8Array(blob.bytes), 200, { ...headers, etag })
  })
  routes.get('/file/:path{.+}', async (context) => {
    const [name = '', ...path] = context.req.param('path').split('/')
    const { signal } = context.req.raw
    const bytes = await readMediaFile(store, [readCid(name).toString(), ...path].join('/'), signal)
    if (bytes === undefined) return context.json({ error: 'no such file' }, 404)
    return context.body(bytes, 200, headers)
  })
  return routes
}

/** @throws BadRequestError */
function readCid(text: string): CID {
  try {
    return CID.parse(text)
  } catch {
    throw new BadRequestError('not a CID')
  }
}
