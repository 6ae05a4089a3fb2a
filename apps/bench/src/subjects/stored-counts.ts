import type { Corpus } from './corpus.ts'
import { assertStored } from './schema.ts'

/** What must be the same for all who have stored and indexed the same blobs. */
export interface StoredCounts {
  readonly blobs: number
  readonly documents: number
  /** Not indexed yet, or waiting for another blob. */
  readonly left: number
}

/** @throws Error unless all of a corpus is there, and indexed. */
export function assertCounts({ blobs, documents, left }: StoredCounts, corpus: Corpus): void {
  assertStored(blobs, corpus.blobs.length)
  assertStored(documents, corpus.documents)
  if (left > 0) throw new Error(`${left} blobs are stored and not indexed`)
}

/** @throws Error unless there is what was acknowledged, and nothing that was not handed in. */
export function assertStoredWithin(
  stored: unknown,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (typeof stored === 'number' && stored >= least && stored <= most) return
  throw new Error(`${least} blobs were acknowledged, ${most} handed in, but ${String(stored)} are stored`)
}
