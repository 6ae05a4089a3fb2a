import { codecs } from '../records/cid.ts'
import { cidFrom } from '../records/multihash.ts'
import type { DocumentSummary } from '../types.ts'

/** The columns of a document as it is listed; `r` is its row of `resources`, `b` that of its blob. */
export const summaryColumns =
  'b.multihash, r.title, r.path, r.changed_at as time, lower(hex(r.author)) as author'

export interface SummaryRow extends Omit<DocumentSummary, 'cid'> {
  readonly multihash: Uint8Array
}

export function summaryOf({ multihash, title, path, time, author }: SummaryRow): DocumentSummary {
  return { cid: recordCid(multihash), title, path, time, author }
}

export function recordCid(multihash: Uint8Array): string {
  return cidFrom({ codec: codecs.dagCbor, multihash })
}
