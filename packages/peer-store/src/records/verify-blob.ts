import { recordLimits } from '../limits.ts'
import type { Blob, VerifiedBlob } from '../types.ts'
import { verifyRecord } from './any-record.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { cidOf, codecs, parseCid } from './cid.ts'

/**
 * Checks a blob from anywhere: its size, its name, its hash, and for a record its form and signature. What comes out is
 * a copy, since network buffers get reused.
 *
 * @example
 * try { verified.push(verifyBlob(received)) } catch (error) {
 *   if (error instanceof BlobRefusedError) refused.push(error.reason)
 *   else throw error
 * }
 *
 * @throws BlobRefusedError and nothing else, whatever the bytes.
 */
export function verifyBlob({ cid, bytes }: Blob): VerifiedBlob {
  if (bytes.byteLength > recordLimits.blobBytesMax) {
    throw new BlobRefusedError('too-large', `a blob has at most ${recordLimits.blobBytesMax} bytes`)
  }
  const { code } = parseCid(cid)
  const own = new Uint8Array(bytes)
  if (cidOf(own, code) !== cid) throw new BlobRefusedError('hash-mismatch', 'the bytes are not those named')
  if (code !== codecs.dagCbor) return { cid, bytes: own } as VerifiedBlob
  return { cid, bytes: own, ...verifyRecord(own) } as VerifiedBlob
}
