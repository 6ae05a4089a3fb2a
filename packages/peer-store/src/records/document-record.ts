import type { DocumentRecord, VerifiedBlob } from '../types.ts'
import { cidOf, codecs } from './cid.ts'
import { documentFault } from './document-shape.ts'
import type { Signer } from './signer.ts'
import { assertGenuine, assertSound, decodeBounded, encodeSigned } from './signed-record.ts'

/** What an author writes; the signer adds who it was. */
export type DocumentDraft = Pick<
  DocumentRecord,
  'title' | 'path' | 'text' | 'links' | 'time' | 'attributes'
>

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
  const { record, bytes } = encodeSigned(
    attributes === undefined ? fields : { ...fields, attributes: { ...attributes } },
    signer,
    documentFault,
  )
  return { cid: cidOf(bytes, codecs.dagCbor), bytes, document: record } as VerifiedBlob
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

/**
 * Decodes a document from a stranger.
 * @throws BlobRefusedError `malformed`, `bad-signature`
 */
export function verifyDocument(bytes: Uint8Array): DocumentRecord {
  const document = decodeDocument(bytes)
  assertGenuine(document, bytes)
  return document
}
