import { codecs } from '../records/cid.ts'
import { type Name, nameOf } from '../records/multihash.ts'
import type { VerifiedBlob } from '../types.ts'
import { compressed, type EncodedData, plain } from './compression.ts'

/** A blob as it is written. */
export interface BlobRow extends Name, EncodedData {
  /** Of the bytes as they came. */
  readonly size: number
}

/** Prepares a blob to be written; at once, unless it is large and has to be compressed. */
export function blobRow({ cid, bytes }: VerifiedBlob): BlobRow | Promise<BlobRow> {
  const name = nameOf(cid)
  if (name === undefined) throw new Error(`${cid} was never verified`)
  const size = bytes.byteLength
  // Media is compressed already, as pictures and films are.
  const encoded = name.codec === codecs.dagCbor ? compressed(bytes) : plain(bytes)
  if (encoded instanceof Promise) return encoded.then((data) => ({ ...name, ...data, size }))
  return { ...name, ...encoded, size }
}
