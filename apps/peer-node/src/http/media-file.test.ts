import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Blob, openPeerStore, type PeerStore, verifyBlob } from '@lockkeeper/peer-store'
import { importFile } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { expect, onTestFinished, test } from 'vitest'
import { httpLimits } from '../limits.ts'
import { readMediaFile } from './media-file.ts'
import { BadRequestError } from './query.ts'

const never = new AbortController().signal

/** A file as a tree with two branches at each fork, so that small files have deep ones. */
async function treeOf(content: Uint8Array, chunkSize: number): Promise<{ top: string; blobs: Blob[] }> {
  const blobs = new Map<string, Blob>()
  const blockstore = {
    async put(cid: CID, bytes: Uint8Array): Promise<CID> {
      blobs.set(cid.toString(), { cid: cid.toString(), bytes })
      return cid
    },
  }
  const { cid } = await importFile({ content }, blockstore, {
    cidVersion: 1,
    rawLeaves: true,
    chunker: fixedSize({ chunkSize }),
    layout: balanced({ maxChildrenPerNode: 2 }),
  })
  return { top: cid.toString(), blobs: [...blobs.values()] }
}

async function storeOf(blobs: readonly Blob[]): Promise<PeerStore> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-media-'))
  const store = await openPeerStore({ file: join(folder, 'node.db') })
  onTestFinished(async () => {
    await store.close()
    await rm(folder, { recursive: true })
  })
  await store.putBlobs(blobs.map(verifyBlob))
  return store
}

const content = new Uint8Array(100).map((_, at) => at)

test.each([1, 10, 33, 100, 1_000])('a file in chunks of %d bytes comes together again', async (chunkSize) => {
  const { top, blobs } = await treeOf(content, chunkSize)
  const bytes = await readMediaFile(await storeOf(blobs), top, never)
  expect(bytes === undefined ? undefined : new Uint8Array(bytes)).toEqual(content)
})

test('whichever part has not come yet, there is no such file, and nothing worse', async () => {
  const { top, blobs } = await treeOf(content, 20)
  expect(blobs.length).toBeGreaterThan(8)
  for (const absent of blobs) {
    const store = await storeOf(blobs.filter((blob) => blob !== absent))
    expect(await readMediaFile(store, top, never)).toBeUndefined()
  }
})

test('a file of more blobs than any should have is refused', async () => {
  const { top, blobs } = await treeOf(new Uint8Array(httpLimits.fileBlobsMax), 1)
  const store = await storeOf(blobs)
  await expect(readMediaFile(store, top, never)).rejects.toThrow(BadRequestError)
})

test('nothing is read for who has gone', async () => {
  const { top, blobs } = await treeOf(content, 10)
  expect(await readMediaFile(await storeOf(blobs), top, AbortSignal.abort())).toBeUndefined()
})
