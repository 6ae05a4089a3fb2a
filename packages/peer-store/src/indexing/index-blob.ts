import type { WriteTransaction } from '@lockkeeper/core/procedures'
import { decompressed, type EncodedData } from '../blobs/compression.ts'
import { blobStates } from '../blobs/store-blobs.ts'
import { type AnyRecord, decodeRecord } from '../records/any-record.ts'
import { BlobRefusedError } from '../records/blob-refused-error.ts'
import { nameOf } from '../records/multihash.ts'
import { indexComment } from './index-comment.ts'
import { indexDocument } from './index-document.ts'
import { indexQueries } from './queries.ts'
import type { TextChanges } from './text-changes.ts'

/** A record as it lies in the file. */
export interface RecordRow extends EncodedData {
  readonly id: number
  readonly multihash: Uint8Array
}

export interface IndexOptions {
  /** Whether it was indexed before, maybe by the first schema: what was derived then is replaced, and nothing becomes unread by it. */
  readonly again: boolean
  /** Takes what changes in the full-text index; whoever made it writes it. */
  readonly texts: TextChanges
}

export type IndexResult = 'indexed' | 'waiting' | 'refused'

/**
 * Derives everything that follows from a record, and marks it as indexed, or as waiting for the blob that it needs. Those that
 * waited for it are marked to be indexed. All of it happens in one transaction, or none.
 *
 * @example
 * const texts = new TextChanges()
 * for (const row of rows) indexBlob(tx, row, { again: false, texts })
 * texts.write(tx)
 */
export function indexBlob(tx: WriteTransaction, row: RecordRow, options: IndexOptions): IndexResult {
  const record = read(row)
  const needs = record === undefined ? undefined : derive(tx, row, record, options)
  const result = record === undefined ? 'refused' : needs === undefined ? 'indexed' : 'waiting'
  tx.run(indexQueries.setState, [states[result], row.id])
  if (needs !== undefined) tx.run(indexQueries.stash, [row.id, needs])
  else if (options.again) tx.run(indexQueries.unstashThis, [row.id])
  if (result === 'indexed') {
    wakeWaiting(tx, row.multihash)
    // Thousands may wait for one document, and are woken some at a time: each that is indexed wakes more of those beside it.
    const beside = record !== undefined && 'comment' in record ? nameOf(record.comment.on) : undefined
    if (beside !== undefined) wakeWaiting(tx, beside.multihash)
  }
  return result
}

const states = {
  indexed: blobStates.indexed,
  waiting: blobStates.waiting,
  refused: blobStates.refused,
} as const

/** Rules may have become stricter since it was stored; then it stays a blob, and no more. */
function read(row: RecordRow): AnyRecord | undefined {
  try {
    return decodeRecord(decompressed(row))
  } catch (error) {
    if (error instanceof BlobRefusedError) return undefined
    throw error
  }
}

/** @returns the multihash of what it has to wait for, if it has to. */
function derive(
  tx: WriteTransaction,
  row: RecordRow,
  record: AnyRecord,
  options: IndexOptions,
): Uint8Array | undefined {
  if ('comment' in record) return indexComment(tx, row, record.comment, options)
  indexDocument(tx, row, record.document, options)
  return undefined
}

function wakeWaiting(tx: WriteTransaction, multihash: Uint8Array): void {
  if (tx.value(indexQueries.isAwaited, [multihash]) === undefined) return // as most are: a look costs less than an update of nothing
  tx.run(indexQueries.wake, [multihash])
  tx.run(indexQueries.unstash, [multihash])
}
