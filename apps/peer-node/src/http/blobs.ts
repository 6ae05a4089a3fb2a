import type { PeerStore } from '@lockkeeper/peer-store'
import { Hono } from 'hono'
import { exporter } from 'ipfs-unixfs-exporter'
import { CID } from 'multiformats/cid'
import { httpLimits } from '../limits.ts'
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
    const bytes = await readFile(store, [readCid(name).toString(), ...path].join('/'))
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

/** Puts a file together from its manifest's chunks; undefined if it is none, or a part of it is not here. */
async function readFile(store: PeerStore, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const blockstore = {
    async *get(cid: CID): AsyncGenerator<Uint8Array> {
      const blob = await store.getBlob(cid.toString())
      if (blob === undefined) throw new MissingBlobError(cid.toString())
      yield blob.bytes
    },
  }
  try {
    const entry = await exporter(path, blockstore)
    if (entry.type !== 'file' && entry.type !== 'raw') return undefined
    if (entry.size > BigInt(httpLimits.fileBytesMax))
      throw new BadRequestError('too large; fetch its blobs one by one')
    const bytes = new Uint8Array(Number(entry.size))
    let at = 0
    for await (const chunk of entry.content()) {
      bytes.set(chunk, at)
      at += chunk.byteLength
    }
    return bytes
  } catch (error) {
    if (error instanceof BadRequestError) throw error
    return undefined // whatever is wrong with a stranger's manifest, there is no such file
  }
}

class MissingBlobError extends Error {
  override readonly name = 'MissingBlobError'
}
