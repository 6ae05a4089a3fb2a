import { sharedPool } from '../limits.ts'
import { blobCallers, blobsPerCall, syncPace } from '../limits-peer-store.ts'
import { measureStorm } from '../measure/measure-storm.ts'
import { SyncBeside } from '../measure/sync-beside.ts'
import { type BlobRow, work as blobWork } from '../subjects/blob-work.ts'
import { Corpus } from '../subjects/corpus.ts'
import { assertStoredWithin } from '../subjects/stored-counts.ts'
import type { Trial } from '../trials/trial.ts'
import { ownRow } from './blob-pools.ts'
import { makeTablesOnce, readValue, reopenRaw } from './raw-connection.ts'
import { SharedPool } from './shared-pool.ts'
import { SplitPool } from './split-pool.ts'
import type { Store } from './store.ts'
import { assertPeers, openStormPool } from './storm-pool.ts'
import type { StormRow } from './storm-work.ts'

const module = new URL('./storm-sync-work.ts', import.meta.url)
const countBlobs = 'select count(*) from blobs'

/** The storm beside a sync, on a store of pooled connections. @param perCall blobs that a caller hands in at a time. */
function storming(perCall: number, open: (folder: string) => Promise<Store<StormRow, BlobRow>>): Trial {
  return async ({ folder, pace, sharedFolder }) => {
    makeTablesOnce(folder, blobWork.tables)
    const { store, host, crowd } = await openStormPool(folder, open)
    const sync = new SyncBeside(
      {
        callers: blobCallers,
        perCall,
        put: async (blobs) => store.writeBlobs(await Promise.all(blobs.map(ownRow))),
        indexed: async () => undefined,
      },
      new Corpus(sharedFolder),
      pace,
    )
    await sync.warmUp()
    const measured = await measureStorm(host, crowd, syncPace(pace), sync)
    // The line is refused: a pool that has fallen behind would go on for minutes.
    const stopping = sync.stop()
    await store.abandon()
    const bounds = await stopping
    assertPeers(folder)
    const database = reopenRaw(folder, 'process')
    assertStoredWithin(readValue(database, countBlobs), bounds)
    database.close()
    return measured
  }
}

/** A caller has its next ten in the line as soon as its last ten are stored, as those have that hand in a hundred. */
export const shared: Trial = storming(sharedPool.blobsPerBatch, (folder) => SharedPool.open(folder, module))
export const split: Trial = storming(blobsPerCall, (folder) => SplitPool.open(folder, module))
