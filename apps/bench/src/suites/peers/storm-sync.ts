import type { VerifiedBlob } from '@lockkeeper/peer-store'
import { blobCallers, blobsPerCall, syncPace } from '../../limits-peer-store.ts'
import { measureStorm } from '../../measure/measure-storm.ts'
import { SyncBeside } from '../../measure/sync-beside.ts'
import { Corpus } from '../../subjects/corpus.ts'
import { assertStoredWithin } from '../../subjects/stored-counts.ts'
import type { Trial } from '../../trials/trial.ts'
import { stormOnStore } from './store-storm.ts'

/** A storm of connects while blobs are stored and indexed at full speed. */
export const storming: Trial = ({ folder, pace, sharedFolder }) =>
  stormOnStore(folder, async (store, host, crowd) => {
    const sync = new SyncBeside(
      {
        callers: blobCallers,
        perCall: blobsPerCall,
        // Who made the blobs has signed them: they need not be verified.
        // Rivals index a blob in the transaction that stores it: nobody’s callers go on before theirs can be found.
        put: (blobs) => store.putBlobs(blobs as readonly VerifiedBlob[], { until: 'indexed' }),
        indexed: () => store.indexed(),
      },
      new Corpus(sharedFolder),
      pace,
    )
    await sync.warmUp()
    const measured = await measureStorm(host, crowd, syncPace(pace), sync)
    const { toIndex } = await store.status()
    const bounds = await sync.stop()
    assertStoredWithin((await store.status()).blobs, bounds)
    // Rivals index a blob in the transaction that stores it, and owe nothing.
    return { ...measured, sync_to_index: { value: toIndex, unit: 'count' } }
  })
