import { type DocumentRow, documentRow } from '../documents/document-row.ts'
import { parseCid } from '../records/cid.ts'
import type { VerifiedBlob } from '../types.ts'

/** A blob as it is written, with the index rows to derive from it. */
export interface BlobRow {
  readonly cid: string
  readonly codec: number
  readonly bytes: Uint8Array
  readonly document: DocumentRow | undefined
}

export function blobRow({ cid, bytes, document }: VerifiedBlob): BlobRow {
  return {
    cid,
    codec: parseCid(cid).code,
    bytes,
    document: document === undefined ? undefined : documentRow(document),
  }
}
