import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPeerStore, verifyBlob } from '@lockkeeper/peer-store'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compareStores } from '../../apps/peer-node/src/demo/comparison.ts'
import { mediaOf } from '../../apps/peer-node/src/testing/blobs.ts'

const blobs = Array.from({ length: 40 }, (_, n) => verifyBlob(mediaOf(n, 100 + n)))

let first: string
let second: string
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-comparison-'))
  first = join(folder, 'first.db')
  second = join(folder, 'second.db')
  await store(first, blobs)
})
afterEach(() => rm(join(first, '..'), { recursive: true, force: true }))

async function store(file: string, held: typeof blobs): Promise<void> {
  await using open = await openPeerStore({ file })
  await open.putBlobs(held)
}

test('two stores with the same blobs are identical, in whatever order they came', async () => {
  await store(second, blobs.toReversed())
  expect(await compareStores(first, second)).toMatchObject({ identical: true, blobs: 40, documents: 0 })
})

test('a blob less is a difference', async () => {
  await store(second, blobs.slice(1))
  expect((await compareStores(first, second)).identical).toBe(false)
})

test.each(['first', 'second'] as const)('a byte changed on disk in the %s is a difference', async (which) => {
  await store(second, blobs)
  const database = new Database(which === 'first' ? first : second)
  database.exec("update blob_data set data = cast(x'00' || substr(data, 2) as blob) where blob_id = 8")
  database.close()
  expect((await compareStores(first, second)).identical).toBe(false)
})
