import type { PeerStore } from '@lockkeeper/peer-store'
import { exporter, type UnixFSEntry } from 'ipfs-unixfs-exporter'
import type { CID } from 'multiformats/cid'
import { httpLimits } from '../limits.ts'
import { BadRequestError } from './query.ts'

/**
 * Puts a file together from its manifest's chunks. The exporter reads each blob, but is not asked for the content of the whole:
 * what fails below the first level there, a chunk that has not come yet for one, is a rejection that nobody can catch, and it
 * would end the process.
 *
 * @param path a manifest's or a chunk's CID, and names below it if it is a folder's.
 * @param signal breaks it off.
 * @returns undefined if there is no such file, or a part of it is not here.
 * @throws BadRequestError if it is too large.
 */
export async function readMediaFile(
  store: PeerStore,
  path: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const entryAt = entriesOf(store, signal)
  try {
    const top = await entryAt(path)
    if (top.type !== 'file' && top.type !== 'raw') return undefined
    if (top.size > BigInt(httpLimits.fileBytesMax)) throw tooLarge()
    const bytes = Buffer.concat(await chunksOf(top, entryAt))
    return BigInt(bytes.byteLength) === top.size ? bytes : undefined
  } catch (error) {
    if (error instanceof BadRequestError) throw error
    return undefined // whatever is wrong with a stranger's manifest, there is no such file
  }
}

type EntryAt = (path: string) => Promise<UnixFSEntry>

/** Looks entries up, within the bound on how many blobs one file may have. */
function entriesOf(store: PeerStore, signal: AbortSignal): EntryAt {
  let read = 0
  const blockstore = {
    async *get(cid: CID): AsyncGenerator<Uint8Array> {
      signal.throwIfAborted()
      read += 1
      if (read > httpLimits.fileBlobsMax) throw tooLarge()
      const blob = await store.getBlob(cid.toString())
      if (blob === undefined) throw new Error(`${cid} is not here`)
      yield blob.bytes
    },
  }
  return (path) => exporter(path, blockstore)
}

/** The chunks of a file in order, its manifests walked without recursion. */
async function chunksOf(top: UnixFSEntry, entryAt: EntryAt): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const ahead: (() => Promise<UnixFSEntry>)[] = [async () => top]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const entry = await next()
    if (entry.type !== 'raw' && entry.type !== 'file') throw new Error('a part of a file that is none')
    const chunk = entry.type === 'raw' ? entry.node : entry.unixfs.data
    if (chunk !== undefined) chunks.push(chunk)
    bytes += chunk?.byteLength ?? 0
    if (bytes > httpLimits.fileBytesMax) throw tooLarge()
    const links = entry.type === 'raw' ? [] : entry.node.Links
    if (ahead.length + links.length > httpLimits.fileBlobsMax) throw tooLarge()
    for (const { Hash } of links.toReversed()) ahead.push(() => entryAt(Hash.toString()))
  }
  return chunks
}

function tooLarge(): BadRequestError {
  return new BadRequestError('too large; fetch its blobs one by one')
}
