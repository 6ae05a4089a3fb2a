import { job, read, type WriteTransaction, write } from '@lockkeeper/core/procedures'
import type { BlobRow } from '../blobs/blob-row.ts'
import { blobStates, storeBlobs } from '../blobs/store-blobs.ts'
import { indexLimits } from '../limits.ts'
import { type IndexResult, indexBlob, type RecordRow } from './index-blob.ts'
import { indexQueries } from './queries.ts'
import { TextChanges } from './text-changes.ts'

export interface StepInput {
  /** Ends after so many milliseconds, or so many records, whichever comes first; one record at least. */
  readonly msMax: number
  readonly itemsMax: number
}

export interface StepResult extends Readonly<Record<IndexResult, number>> {
  /** Whether there may be more to index. */
  readonly more: boolean
}

/** Indexes records that were stored and not indexed yet, the oldest first. */
export const step = write((tx, { msMax, itemsMax }: StepInput): StepResult => {
  const endsAt = performance.now() + msMax
  const counts = { indexed: 0, waiting: 0, refused: 0 }
  const texts = new TextChanges()
  let more = true
  for (let items = 0; items < itemsMax; items++) {
    const row = tx.first<RecordRow & { isOld: number }>(indexQueries.next)
    more = row !== undefined
    if (row === undefined) break
    counts[indexBlob(tx, row, { again: row.isOld === 1, texts })] += 1
    if (tx.shouldYield || performance.now() >= endsAt || texts.characters >= indexLimits.stepCharactersMax) {
      break
    }
  }
  texts.write(tx)
  return { ...counts, more }
})

/** Which record is next to be indexed. */
export const nextId = read((tx) => tx.value<number>(indexQueries.nextId))

/** Sets a record aside, because indexing it failed again and again. It stays stored. */
export const setAside = write((tx, id: number) => tx.run(indexQueries.setAside, [id]).changes)

/** Stores and indexes blobs of a person who waits, all in one transaction. What comes to wait for them is left to the steps. */
export const publish = write((tx, rows: readonly BlobRow[]) => {
  storeBlobs(tx, rows)
  const texts = new TextChanges()
  for (const { multihash } of rows) {
    const row = tx.first<RecordRow>(indexQueries.byMultihash, [multihash])
    if (row !== undefined) indexBlob(tx, row, { again: false, texts })
  }
  texts.write(tx)
})

/** Whether a key is known to be this node's own. */
export const isOwnKey = read(
  (tx, principal: Uint8Array) => tx.first<{ own: number }>(indexQueries.key, [principal])?.own === 1,
)

/** Says that a key is this node's own: what it signs is never unread. */
export const ownKey = write((tx, principal: Uint8Array) => {
  tx.run(indexQueries.ownKey, [principal])
})

/**
 * Derives everything anew, record by record in the order of arrival. What is there stays until it is replaced, each record's rows
 * in one transaction, so that whoever reads meanwhile misses nothing.
 */
export const reindex = job(function* (step) {
  // The count walks through all of the table, so it is made once, not again by whoever goes on.
  const begun = step.cursor as ReindexCursor | undefined
  const total = begun?.total ?? step.tx.value<number>(indexQueries.countRecords) ?? 0
  let { at, done } = begun ?? { at: 0, done: 0 }
  for (;;) {
    const slice = reindexSlice(step.tx, at)
    if (slice.records === 0) return done
    at = slice.at
    done += slice.records
    yield { cursor: { at, done, total } satisfies ReindexCursor, done, total }
  }
})

interface ReindexCursor {
  readonly at: number
  readonly done: number
  readonly total: number
}

function reindexSlice(
  tx: WriteTransaction,
  after: number,
): { readonly at: number; readonly records: number } {
  const endsAt = performance.now() + indexLimits.jobStepMs
  const texts = new TextChanges()
  let [at, records] = [after, 0]
  do {
    const row = tx.first<RecordRow & { state: number; isOld: number }>(indexQueries.nextAfter, [at])
    if (row === undefined) break
    // What came meanwhile and was not indexed yet is as new as it would be without us.
    const again = row.state !== blobStates.toIndex || row.isOld === 1
    indexBlob(tx, row, { again, texts })
    at = row.id
    records += 1
  } while (!tx.shouldYield && performance.now() < endsAt && texts.characters < indexLimits.stepCharactersMax)
  texts.write(tx)
  return { at, records }
}
