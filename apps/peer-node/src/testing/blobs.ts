import { createHash } from 'node:crypto'
import type { Blob } from '@lockkeeper/peer-store'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'

export const rawCodec = 0x55
export const dagCborCodec = 0x71

/** Any bytes as a blob, named by their hash as this test names it, not as the code under test does. */
export function blobOf(bytes: Uint8Array, codec: number = rawCodec): Blob {
  const digest = createHash('sha256').update(bytes).digest()
  return { cid: CID.createV1(codec, createDigest(0x12, digest)).toString(), bytes }
}

/** A blob of some size; each seed makes another. */
export function mediaOf(seed: number, size: number): Blob {
  const bytes = new Uint8Array(size)
  let state = seed + 1
  for (let at = 0; at < size; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + at
    bytes[at] = state >>> 16
  }
  return blobOf(bytes)
}
