import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { compareStores } from '../../apps/peer-node/src/demo/comparison.ts'
import { NodeClient } from '../../apps/peer-node/src/demo/node-client.ts'
import { NodeProcess } from '../../apps/peer-node/src/demo/node-process.ts'
import { writeCorpus } from './corpus.ts'
import { inspectDatabase } from './inspected-database.ts'
import { MeteredLink } from './metered-link.ts'

const seed = 20_260
const corpus = { documents: 300, media: 6, mediaBytesMax: 20_000 }
/** More than the largest first batch there could be (64 documents and all media), and little more than half of all. */
const bytesBeforeSilence = 500_000
const never = new AbortController().signal
const patience = { timeout: 60_000, interval: 10 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-two-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function startNode(
  name: string,
  ...words: string[]
): Promise<{ node: NodeProcess; client: NodeClient }> {
  const node = await NodeProcess.start(
    ['--data', join(folder, name), ...words],
    join(folder, `${name}.log`),
    never,
  )
  onTestFinished(async () => {
    await node.stop()
  })
  return { node, client: new NodeClient(node.ready.http, never) }
}

function portOf(multiaddr: string | undefined): number {
  return Number(multiaddr?.split('/')[4])
}

/*
 *  first node                 link                      second node
 *  imports all
 *                             lets 500 KB through ────▶ pulls, stores some
 *                             goes silent               waits for the rest
 *                                                       SIGKILL
 *                                                       starts again, pulls only the rest
 */
test('a node killed in mid-sync goes on where it was, and ends up with the same (promises 2 and 13)', async () => {
  await writeCorpus(join(folder, 'files'), seed, corpus)
  const first = await startNode('first', '--import', join(folder, 'files'))
  await vi.waitUntil(async () => (await first.client.status()).import.state === 'done', patience)
  const total = (await first.client.status()).blobs
  const address = first.node.ready.multiaddrs[0]
  const link = await MeteredLink.open(portOf(address), bytesBeforeSilence)
  onTestFinished(() => link.close())
  const throughLink = `/ip4/127.0.0.1/tcp/${link.port}/p2p/${first.node.ready.peerId}`

  const second = await startNode('second', '--peer', throughLink)
  await vi.waitUntil(async () => (await second.client.status()).blobs > 0, patience)
  await second.node.kill()
  await link.close()
  const secondFile = join(folder, 'second/node.db')
  const held = inspectDatabase(secondFile)
  expect(held.integrity).toBe('ok')
  expect(held.multihashes.length).toBeGreaterThan(0)
  expect(held.multihashes.length).toBeLessThan(total)

  const again = await startNode('second', '--peer', address ?? '')
  expect(again.node.ready.peerId).toBe(second.node.ready.peerId)
  await vi.waitUntil(async () => {
    const { blobs, sync, documents } = await again.client.status()
    if (documents < corpus.documents) return false
    return blobs === total && sync.missing === 0 // stored blobs are seen a little before they are counted as received
  }, patience)
  const { sync, busyErrors, documents } = await again.client.status()
  expect(sync).toMatchObject({ received: total - held.multihashes.length, refused: 0 })
  expect(busyErrors).toBe(0)
  expect(documents).toBe(corpus.documents)
  expect(await again.client.search('document 7')).not.toEqual([])

  expect(await again.node.stop()).toBe(0)
  expect(await first.node.stop()).toBe(0)
  const firstFile = join(folder, 'first/node.db')
  for (const file of [firstFile, secondFile]) expect(inspectDatabase(file).integrity).toBe('ok')
  expect(inspectDatabase(secondFile).multihashes).toEqual(inspectDatabase(firstFile).multihashes)
  expect((await compareStores(firstFile, secondFile)).identical).toBe(true)
})

test('both sides pull: what the dialled node lacks comes from the dialler', async () => {
  await writeCorpus(join(folder, 'one'), 1, { documents: 20, media: 2, mediaBytesMax: 400_000 })
  await writeCorpus(join(folder, 'two'), 2, { documents: 30, media: 2, mediaBytesMax: 400_000 })
  const one = await startNode('first', '--import', join(folder, 'one'))
  const two = await startNode(
    'second',
    '--import',
    join(folder, 'two'),
    '--peer',
    one.node.ready.multiaddrs[0] ?? '',
  )
  for (const { client } of [one, two]) {
    await vi.waitUntil(async () => (await client.status()).documents === 50, patience)
  }
  expect((await one.client.status()).sync.received).toBeGreaterThanOrEqual(30)
})
