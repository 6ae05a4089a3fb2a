import type { VerifiedBlob } from '@lockkeeper/peer-store'
import { type BlobRow, blobRow, indexStep, migrations, storeBlobs } from '@lockkeeper/peer-store/procedures'
import type { CorpusBlob } from './corpus.ts'
import { PlainTransaction, type PreparesStatements } from './plain-transaction.ts'

/**
 * What rivals do for a batch of blobs, in one transaction: the store's own statements, on the store's own tables, so that nobody
 * does less than another. Of Lockkeeper there is nothing in it.
 */
export const work = {
  tables: migrations.map(({ sql }) => sql).join(';\n'),
  prepare(database: PreparesStatements) {
    const transaction = new PlainTransaction(database)
    const blobs = (rows: readonly BlobRow[]): void => {
      storeBlobs(transaction, rows)
      while (indexStep.body(transaction, { msMax: Number.POSITIVE_INFINITY, itemsMax: rows.length }).more);
    }
    return {
      blobs,
      blob: (row: BlobRow): void => blobs([row]),
      peer: (): void => {
        throw new Error('Nobody reports peers here')
      },
    }
  },
}

export type { BlobRow }

/** A blob as it is written: records compressed where that pays. Who made the blobs has signed them: they need not be verified. */
export function rowOf(blob: CorpusBlob): BlobRow | Promise<BlobRow> {
  return blobRow(blob as VerifiedBlob)
}

export const writeSetting =
  'insert into key_values (key, value) values (?, ?) on conflict (key) do update set value = excluded.value'

/** See `StoredCounts`. */
export const selectCounts = `
  select (select count(*) from blobs) as blobs, (select count(*) from resources) as documents,
    (select count(*) from blobs where state in (0, 2)) as left`
