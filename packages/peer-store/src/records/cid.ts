import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { recordLimits } from '../limits.ts'
import { BlobRefusedError } from './blob-refused-error.ts'

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
export const codecs = { raw: 0x55, dagPb: 0x70, dagCbor: 0x71 } as const
const sha256Code = 0x12
const sha256Bytes = 32

/** Names bytes by their hash: CIDv1, SHA-256, base32. */
export function cidOf(bytes: Uint8Array, codec: number): string {
  const digest = createHash('sha256').update(bytes).digest()
  return CID.createV1(codec, createDigest(sha256Code, digest)).toString()
}

/**
 * Reads a CID of the only kind the store takes: version 1, SHA-256, dag-cbor, raw or dag-pb, written in base32, so that
 * one blob has one name.
 * @throws BlobRefusedError `bad-cid`
 */
export function parseCid(text: string): CID {
  const cid = parse(text)
  if (cid.version !== 1 || cid.toString() !== text) throw badCid('a CID is version 1, in base32')
  if (cid.multihash.code !== sha256Code || cid.multihash.digest.byteLength !== sha256Bytes) {
    throw badCid('a CID is made of a SHA-256')
  }
  if (!Object.values<number>(codecs).includes(cid.code)) throw badCid('a CID says dag-cbor, raw or dag-pb')
  return cid
}

function parse(text: string): CID {
  if (text.length > recordLimits.cidCharactersMax) throw badCid('too long for a CID')
  try {
    return CID.parse(text)
  } catch (cause) {
    throw badCid('not a CID', cause)
  }
}

function badCid(message: string, cause?: unknown): BlobRefusedError {
  return new BlobRefusedError('bad-cid', message, cause)
}
