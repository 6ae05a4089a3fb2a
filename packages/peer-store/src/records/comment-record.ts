import type { CommentRecord, VerifiedBlob } from '../types.ts'
import { cidOf, codecs } from './cid.ts'
import { commentFault } from './comment-shape.ts'
import { encodeSigned } from './signed-record.ts'
import type { Signer } from './signer.ts'

/** What somebody says of a document, or of a comment; the signer adds who it was. */
export type CommentDraft = Pick<CommentRecord, 'on' | 'text' | 'time'>

/**
 * Signs a comment and encodes it as dag-cbor. The same draft and key give the same blob every time.
 *
 * @example
 * await store.publish([encodeComment({ on: document.cid, text: 'Well said', time: Date.now() }, signer)])
 *
 * @throws BlobRefusedError `malformed` (a field out of its bounds), `too-large`.
 */
export function encodeComment({ on, text, time }: CommentDraft, signer: Signer): VerifiedBlob {
  const { record, bytes } = encodeSigned({ type: 'comment' as const, on, text, time }, signer, commentFault)
  return { cid: cidOf(bytes, codecs.dagCbor), bytes, comment: record } as VerifiedBlob
}
