import { decode, encode } from '@ipld/dag-cbor'
import { recordLimits } from '../limits.ts'
import type { DocumentRecord, VerifiedBlob } from '../types.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { isCborWithin } from './cbor-bounds.ts'
import { cidOf, codecs } from './cid.ts'
import { faultOf } from './document-shape.ts'
import { isSignedBy, type Signer, signatureBytes } from './signer.ts'

/** What an author writes; the signer adds who it was. */
export type DocumentDraft = Pick<DocumentRecord, 'title' | 'path' | 'text' | 'links' | 'time'>

/**
 * Signs a document and encodes it as dag-cbor. The same draft and key give the same blob every time.
 *
 * @example
 * const blob = encodeDocument({ title: 'Start', path: 'guides/start.md', text, links: [], time: Date.now() }, signer)
 * await store.putBlobs([blob])
 *
 * @throws BlobRefusedError `malformed` (a field out of its bounds), `too-large`.
 */
export function encodeDocument(draft: DocumentDraft, signer: Signer): VerifiedBlob {
  const { title, path, text, links, time } = draft
  const unsigned = { title, path, text, links: [...links], time, author: signer.publicKey }
  assertSound({ ...unsigned, signature: new Uint8Array(signatureBytes) }) // not all can be encoded
  const document: DocumentRecord = { ...unsigned, signature: signer.sign(encode(unsigned)) }
  assertSound(document)
  const bytes = encode(document)
  if (bytes.byteLength > recordLimits.blobBytesMax) {
    throw new BlobRefusedError('too-large', `a document of ${bytes.byteLength} bytes is too large for a blob`)
  }
  return { cid: cidOf(bytes, codecs.dagCbor), bytes, document } as VerifiedBlob
}

/**
 * Decodes a document that was verified when it came.
 * @throws BlobRefusedError `malformed`
 */
export function decodeDocument(bytes: Uint8Array): DocumentRecord {
  const bounds = { nestingMax: recordLimits.nestingMax, elementsMax: recordLimits.linksMax }
  if (!isCborWithin(bytes, bounds)) throw malformed('the bytes are no dag-cbor of a document’s shape')
  let decoded: unknown
  try {
    decoded = decode(bytes)
  } catch (cause) {
    throw malformed('the bytes are no dag-cbor', cause)
  }
  assertSound(decoded)
  return decoded as DocumentRecord
}

/**
 * Decodes a document from a stranger.
 * @throws BlobRefusedError `malformed`, `bad-signature`
 */
export function verifyDocument(bytes: Uint8Array): DocumentRecord {
  const document = decodeDocument(bytes)
  // One document has one encoding, or one signature would be good for many CIDs.
  if (!Buffer.from(encode(document)).equals(bytes))
    throw malformed('the dag-cbor is not in its one strict form')
  const { signature, ...unsigned } = document
  if (isSignedBy(document.author, encode(unsigned), signature)) return document
  throw new BlobRefusedError('bad-signature', 'the signature is not the author’s')
}

function assertSound(value: unknown): void {
  const fault = faultOf(value)
  if (fault !== undefined) throw malformed(fault)
}

function malformed(message: string, cause?: unknown): BlobRefusedError {
  return new BlobRefusedError('malformed', message, cause)
}
