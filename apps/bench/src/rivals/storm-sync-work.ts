import { type BlobRow, work as blobWork } from '../subjects/blob-work.ts'
import type { WorkModule } from './store.ts'
import { type StormRow, work as stormWork } from './storm-work.ts'

/** Peers as in the storm, blobs as in the index. The tables for blobs are there already: their migrations can be run once only. */
export const work: WorkModule<StormRow, BlobRow> = {
  tables: stormWork.tables,
  prepare(database) {
    const { blob, blobs } = blobWork.prepare(database)
    return { peer: stormWork.prepare(database).peer, blob, blobs }
  },
}
