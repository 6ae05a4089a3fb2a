import type { CommentRecord, DocumentRecord } from '../types.ts'
import { commentFault } from './comment-shape.ts'
import { documentFault } from './document-shape.ts'
import { isMap } from './shape.ts'
import { assertGenuine, assertSound, decodeBounded } from './signed-record.ts'

/** A signed record of either kind; the names are those under which a verified blob has it. */
export type AnyRecord = { readonly document: DocumentRecord } | { readonly comment: CommentRecord }

/**
 * Decodes a record that was verified when it came.
 * @throws BlobRefusedError `malformed`
 */
export function decodeRecord(bytes: Uint8Array): AnyRecord {
  const decoded = decodeBounded(bytes)
  // Documents came first, and have no type.
  if (isMap(decoded) && Object.hasOwn(decoded, 'type')) {
    assertSound(decoded, commentFault)
    return { comment: decoded as unknown as CommentRecord }
  }
  assertSound(decoded, documentFault)
  return { document: decoded as unknown as DocumentRecord }
}

/**
 * Decodes a record from a stranger.
 * @throws BlobRefusedError `malformed`, `bad-signature`
 */
export function verifyRecord(bytes: Uint8Array): AnyRecord {
  const record = decodeRecord(bytes)
  assertGenuine('document' in record ? record.document : record.comment, bytes)
  return record
}
