import { loadBlobs, rateOf } from '../../measure/blob-load.ts'
import { batchesOf } from '../../measure/measure-blobs.ts'
import { UsersBeside } from '../../measure/users-beside.ts'
import { Corpus } from '../../subjects/corpus.ts'
import type { Trial } from '../../trials/trial.ts'
import { openStoreHost } from './store-host.ts'

/** Users write while blobs are stored and indexed at full speed, and then while all of them are indexed anew. */
export const usersBeside: Trial = async ({ folder, pace, sharedFolder }) => {
  const corpus = new Corpus(sharedFolder)
  const { warmUp, measured } = batchesOf(corpus, pace)
  const host = await openStoreHost(folder)
  const { store } = host
  const users = new UsersBeside((key, value) => store.setValue(key, value))
  await loadBlobs(host, warmUp)
  users.reset()
  const elapsedMs = await loadBlobs(host, measured)
  const indexing = users.summary('user')
  await host.assertStored(corpus)
  users.reset()
  const startedAt = performance.now()
  const records = await store.reindex()
  const reindexMs = performance.now() - startedAt
  const reindexing = users.summary('reindex_user')
  users.stop()
  await host.assertStored(corpus)
  await host.close()
  return {
    ...rateOf(measured, elapsedMs),
    ...indexing,
    reindex: { value: reindexMs, unit: 'ms' },
    reindexed: { value: records, unit: 'count' },
    ...reindexing,
  }
}
