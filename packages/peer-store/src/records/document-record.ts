import type { DocumentRecord, VerifiedBlob } from '../types.ts'
import { cidOf, codecs } from './cid.ts'
import { documentFault } from './document-shape.ts'
import { assertSound, decodeBounded, encodeSigned } from './signed-record.ts'
import type { Signer } from './signer.ts'

/** What an author writes; the signer adds who it was. */
export type DocumentDraft = Pick<DocumentRecord, 'title' | 'path' | 'text' | 'links' | 'time' | 'attributes'>

/**
 * Signs a document and encodes it as dag-cbor. The same draft and key give the same blob every time.
 *
 * @example
 * const blob = encodeDocument({ title: 'Start', path: 'guides/start.md', text, links: [], time: Date.now() }, signer)
 * await store.publish([blob])
 *
 * @throws BlobRefusedError `malformed` (a field out of its bounds), `too-large`.
 */
export function encodeDocument(draft: DocumentDraft, signer: Signer): VerifiedBlob {
  const { title, path, text, links, time, attributes } = draft
  const fields = { title, path, text, links: [...links], time }
  const whole = attributes === undefined ? fields : { ...fields, attributes: { ...attributes } }
  const { record, bytes } = encodeSigned(whole, signer, documentFault)
  const document: DocumentRecord = record
  return { cid: cidOf(bytes, codecs.dagCbor), bytes, document } as VerifiedBlob
}

/**
 * Decodes a document that was verified when it came.
 * @throws BlobRefusedError `malformed`
 */
export function decodeDocument(bytes: Uint8Array): DocumentRecord {
  const decoded = decodeBounded(bytes)
  assertSound(decoded, documentFault)
  return decoded as DocumentRecord
}
