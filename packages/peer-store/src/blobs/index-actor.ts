import { type Coalescer, coalescer, type Database } from '@lockkeeper/core'
import { indexLimits } from '../limits.ts'
import { FlushWatch } from '../store/flush-watch.ts'
import type { StoreModules } from '../store/modules.ts'
import type { BlobRow } from './blob-row.ts'

/**
 * Gathers blobs of all sources to batches, each blob once however many peers send it, and stores them with their index
 * rows. Blobs must arrive, so they ride the `sync` lane, and whoever brings more than it holds waits.
 */
export type IndexActor = Coalescer<BlobRow>

/** Spawns the actor `index` in the database's system. */
export function spawnIndexActor(
  db: Database<StoreModules>,
  watch: FlushWatch = new FlushWatch(),
): IndexActor {
  return coalescer<BlobRow>(db, {
    name: 'index',
    key: ({ cid }) => cid,
    flush: watch.watch(db.procedure.blobs.store),
    lane: 'sync',
    overflow: 'wait',
    ...indexLimits,
  })
}
