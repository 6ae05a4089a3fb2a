// Promises 2 and 13 for blobs: whatever was acknowledged is there, no index row is without its blob, and no blob is left
// unindexed once the store has been opened again. Killed at:
//
//   gathered                      put, and not yet sent to the writer
//   in flight                     some flushes answered, others on their way
//   committed and unanswered      COMMIT is done; the app's thread never hears of it
//   between blob and index rows   stored and acknowledged; nothing derived yet
//   in mid-reindex                after a step of the job that rebuilds everything

import { openDatabase } from '@lockkeeper/core'
import { migrations, openPeerStore } from '@lockkeeper/peer-store'
import { childProcess, temporaryFolder } from '@lockkeeper/testkit'
import { describe, expect, it } from 'vitest'
import { blobsOfRun } from './blobs.ts'

const points = [
  'gathered',
  'in-flight',
  'committed and unanswered',
  'between blob and index rows',
  'in mid-reindex',
] as const

/** Rows of each derived table whose blob is not there. */
const orphans = `
  select 'structural' from structural_blobs where blob_id not in (select id from blobs)
  union all select 'text' from texts where rowid not in (select id from blobs where state = 1)
  union all select 'current' from resources where blob_id not in (select id from blobs where state = 1)
  union all select 'generation' from document_generations where blob_id not in (select id from blobs where state = 1)
  union all select 'link' from blob_links where source not in (select id from blobs where state = 1)
  union all select 'link' from resource_links where source not in (select id from blobs where state = 1)
  union all select 'stash' from stashed_blobs where blob_id not in (select id from blobs where state = 2)
  union all select 'data' from blob_data where blob_id not in (select id from blobs)
  union all select 'no data' from blobs where id not in (select blob_id from blob_data)
  union all select 'unindexed' from blobs where state = 0
  union all select 'refused' from blobs where state = 3`

const startsProcesses = 120_000

describe('a store', () => {
  it.each([...points.entries()])(
    'that is killed (%i, %s) loses nothing that it acknowledged, and leaves nothing unindexed',
    async (run, point) => {
      await using folder = await temporaryFolder()
      const file = folder.file('store.db')
      const acknowledged = await killedAt(point, run, file)
      if (point !== 'gathered' && point !== 'committed and unanswered')
        expect(acknowledged.length).toBeGreaterThan(0)
      {
        await using store = await openPeerStore({ file })
        expect(await store.getBlobs(acknowledged)).toHaveLength(acknowledged.length)
        expect(await store.missing(acknowledged)).toEqual([])
        if (point === 'committed and unanswered') expect(await store.status()).toMatchObject({ blobs: 300 })
        await store.indexed()
        expect((await store.status()).toIndex).toBe(0)
        if (point === 'in mid-reindex') {
          // It went on by itself where it was: to ask for it again is to join it, or to be told its result.
          const reindexing = store.reindex({ id: 'the-reindex' })
          expect(await reindexing).toBe(200)
          expect(reindexing.progress).toMatchObject({ done: 200, total: 200 })
        }
      }
      {
        await using db = await openDatabase({ file, migrations })
        expect(await db.readColumn(orphans)).toEqual([])
        expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
        expect(await db.read('select * from pragma_foreign_key_check')).toEqual([])
      }
      // Everything put again changes nothing of what is there, and completes it.
      await using store = await openPeerStore({ file })
      await store.putBlobs(blobsOfRun(run), { until: 'indexed' })
      expect(await store.status()).toMatchObject({ blobs: 300, documents: 100, toIndex: 0, waiting: 0 })
      expect(await store.search(`run${run}`, { limit: 100 })).toHaveLength(100)
    },
    startsProcesses,
  )
})

/** @returns the CIDs that were acknowledged before it died. */
async function killedAt(point: string, run: number, file: string): Promise<string[]> {
  await using child = childProcess(new URL('./blobs-child.ts', import.meta.url), {
    args: [file, String(run)],
    env: { CRASH_POINT: point },
  })
  const exit = await child.exited
  expect(exit.signal, exit.stderr).toBe('SIGKILL')
  return (child.told as string[][]).flat()
}
