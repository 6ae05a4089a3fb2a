import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from '@ipld/dag-cbor'
import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { compareCids, openPeerStore, verifyBlob } from '@lockkeeper/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIdentity } from '../identity/identity.ts'
import { syncLimits } from '../limits.ts'
import { MessageChannel } from '../network/message-channel.ts'
import { Network } from '../network/network.ts'
import type { PeerNode } from '../node/peer-node.ts'
import { startNode } from '../node/start-node.ts'
import { mediaOf } from '../testing/blobs.ts'
import { Asker } from './asking.ts'
import { syncProtocol } from './protocol.ts'

const never = new AbortController().signal
const listen = multiaddr('/ip4/127.0.0.1/tcp/0')
const blobs = Array.from({ length: 5 }, (_, n) => mediaOf(n, 2_000_000))

let folder: string
let node: PeerNode
let network: Network
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-asker-'))
  const data = join(folder, 'data')
  await mkdir(data)
  const store = await openPeerStore({ file: join(data, 'node.db') })
  await store.putBlobs(blobs.map(verifyBlob))
  await store.close()
  node = await startNode({ data, imports: [], listen, peers: [], httpPort: 0 }, pino({ enabled: false }))
  const input = { identity: createIdentity(), listen, protocol: syncProtocol, streamsPerPeerMax: 4 }
  network = await Network.start(input)
  await network.dial(
    node.multiaddrs.map((address) => multiaddr(address)),
    never,
  )
})
afterEach(async () => {
  await network.stop()
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

function openStream(): Promise<Stream> {
  return network.openStream(node.peerId, never)
}

function closed(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.status === 'open') stream.addEventListener('close', () => resolve(), { once: true })
    else resolve()
  })
}

/** The node still answers who asks well. */
async function expectSound(): Promise<void> {
  const stream = await openStream()
  const limits = {
    messageBytesMax: syncLimits.responseBytesMax,
    bufferBytesMax: 8_000_000,
    messageMsMax: 20_000,
  }
  const asker = new Asker(new MessageChannel(stream, limits, never))
  const names = blobs.map(({ cid }) => cid).sort(compareCids)
  expect((await asker.list(null)).cids).toEqual(names)
  const { blobs: fetched } = await asker.fetch(names.slice(0, 1))
  expect(fetched[0]?.bytes).toEqual(blobs.find(({ cid }) => cid === names[0])?.bytes)
  expect((await fetch(`${node.url}/api/status`)).status).toBe(200)
  await stream.close()
}

test.each([
  ['no dag-cbor', Uint8Array.of(0xff, 0x00)],
  ['no map', encode([1, 2, 3])],
  ['an unknown request', encode({ type: 'delete', cids: [] })],
  ['a list after nothing', encode({ type: 'list' })],
  ['a want of what is no CID', encode({ type: 'want', cids: ["'; drop table blobs; --"] })],
  ['a want of too much', encode({ type: 'want', cids: Array.from({ length: 1_000 }, () => blobs[0]?.cid) })],
])('a request that is %s ends its stream and nothing else', async (_, bytes) => {
  const stream = await openStream()
  await lpStream(stream).write(bytes)
  await closed(stream)
  await expectSound()
})

test('a request over the bound ends its stream by its length alone', async () => {
  const stream = await openStream()
  stream.send(Uint8Array.of(0x81, 0x80, 0x04)) // 64 KiB and a byte
  await closed(stream)
  await expectSound()
})

test('who asks without ever reading is cut off', async () => {
  const stream = await openStream()
  stream.pause()
  const want = encode({ type: 'want', cids: blobs.map(({ cid }) => cid) })
  const messages = lpStream(stream)
  const flood = async (): Promise<never> => {
    for (;;) await messages.write(want, { signal: AbortSignal.timeout(20_000) })
  }
  await expect(flood()).rejects.toThrow()
  await expectSound()
})

test('an answer is bounded by bytes, and says what is not there', async () => {
  const stream = await openStream()
  const limits = {
    messageBytesMax: syncLimits.responseBytesMax,
    bufferBytesMax: 8_000_000,
    messageMsMax: 20_000,
  }
  const asker = new Asker(new MessageChannel(stream, limits, never))
  const absent = mediaOf(99, 10).cid
  const fetched = await asker.fetch([absent, ...blobs.map(({ cid }) => cid)])
  expect(fetched.blobs).toHaveLength(Math.floor(syncLimits.wantBytes / 2_000_000))
  expect(fetched.absent).toEqual([absent])
})
