import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { measureBlobs, type OpenBlobHost } from '../measure/measure-blobs.ts'
import { type BlobRow, rowOf, selectCounts, work } from '../subjects/blob-work.ts'
import { assertCounts, type StoredCounts } from '../subjects/stored-counts.ts'
import type { Trial } from '../trials/trial.ts'
import { openBlobPool, openShared, openSplit } from './blob-pools.ts'
import { makeTablesOnce, reopenRaw } from './raw-connection.ts'

/** All blobs, and the same again after a reopen, by one thread: what it can do at most that waits for its own transactions. */
export const raw: Trial = ({ folder, ...settings }) =>
  measureBlobs(async () => openRawBlobs(folder), join(folder, 'bench.db'), settings)

export const shared: Trial = ({ folder, ...settings }) =>
  measureBlobs(() => openBlobPool(folder, openShared), join(folder, 'bench.db'), settings)

export const split: Trial = ({ folder, ...settings }) =>
  measureBlobs(() => openBlobPool(folder, openSplit), join(folder, 'bench.db'), settings)

async function openRawBlobs(folder: string): Promise<OpenBlobHost> {
  makeTablesOnce(folder, work.tables)
  const database = reopenRaw(folder, 'process')
  const { blobs } = work.prepare(database)
  const store = database.transaction((rows: readonly BlobRow[]) => blobs(rows))
  return {
    callers: 1,
    put: async (some) => {
      store.immediate(await Promise.all(some.map(rowOf)))
      await nextTurn()
    },
    indexed: async () => undefined,
    assertStored: async (corpus) =>
      assertCounts(database.prepare(selectCounts).get() as StoredCounts, corpus),
    close: async () => database.close(),
  }
}
