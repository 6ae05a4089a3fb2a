import { loadBlobs, rateOf } from '../measure/blob-load.ts'
import { batchesOf } from '../measure/measure-blobs.ts'
import { UsersBeside } from '../measure/users-beside.ts'
import { writeSetting } from '../subjects/blob-work.ts'
import { Corpus } from '../subjects/corpus.ts'
import type { Trial } from '../trials/trial.ts'
import { type OpenBlobs, openBlobPool, openShared, openSplit } from './blob-pools.ts'

/** Users write while blobs are stored and indexed at full speed. */
function usersBeside(open: OpenBlobs): Trial {
  return async ({ folder, pace, sharedFolder }) => {
    const corpus = new Corpus(sharedFolder)
    const { warmUp, measured } = batchesOf(corpus, pace)
    const host = await openBlobPool(folder, open)
    const users = new UsersBeside((key, value) => host.store.write(writeSetting, [key, value]))
    await loadBlobs(host, warmUp)
    users.reset()
    const elapsedMs = await loadBlobs(host, measured)
    const waits = users.summary('user')
    users.stop()
    await host.assertStored(corpus)
    await host.close()
    return { ...rateOf(measured, elapsedMs), ...waits }
  }
}

export const shared: Trial = usersBeside(openShared)
export const split: Trial = usersBeside(openSplit)
