import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { recordLimits } from '../limits.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { codecs } from './codecs.ts'
import { nameOf } from './multihash.ts'

export { codecs } from './codecs.ts'

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
  if (cid.version !== 1) throw badCid('a CID is version 1')
  if (cid.multihash.code !== sha256Code || cid.multihash.digest.byteLength !== sha256Bytes) {
    throw badCid('a CID is made of a SHA-256')
  }
  if (!Object.values<number>(codecs).includes(cid.code)) throw badCid('a CID says dag-cbor, raw or dag-pb')
  // The parser takes other spellings too, and gives back the text that it was given.
  if (nameOf(text) === undefined) throw badCid('a CID is written in base32, in small letters')
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
