import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createIdentity } from '../identity/identity.ts'
import { syncLimits } from '../limits.ts'
import { MessageChannel } from '../network/message-channel.ts'
import { Network } from '../network/network.ts'
import { startNode } from '../node/start-node.ts'
import { mediaOf } from '../testing/blobs.ts'
import { ScriptedPeer } from '../testing/scripted-peer.ts'
import { Asker } from './asking.ts'
import { parseRequest, syncProtocol } from './protocol.ts'

const never = new AbortController().signal
const listen = multiaddr('/ip4/127.0.0.1/tcp/0')
const patience = { timeout: 20_000, interval: 10 }
const limits = { messageBytesMax: 3_000_000, bufferBytesMax: 7_000_000, messageMsMax: 30_000 }

async function networkThat(onStream: (stream: Stream) => void): Promise<Network> {
  const network = await Network.start({
    identity: createIdentity(),
    listen,
    protocol: syncProtocol,
    streamsPerPeerMax: 4,
  })
  onTestFinished(() => network.stop())
  network.attach({ onPeer() {}, onConnected() {}, onDisconnected() {}, onStream })
  return network
}

test('peers that do not answer keep nobody else waiting', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-slow-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  let asked = 0
  const silent = await Promise.all(
    Array.from({ length: syncLimits.pullsMax }, () =>
      networkThat((stream) => {
        stream.addEventListener('message', () => asked++, { once: true })
      }),
    ),
  )
  const good = mediaOf(1, 100)
  const peer = await ScriptedPeer.start(new Map([[good.cid, { bytes: good.bytes }]]))
  onTestFinished(() => peer.stop())
  const peers = silent.flatMap(({ addresses }) => addresses.map((address) => multiaddr(address)))
  const data = join(folder, 'data')
  const node = await startNode({ data, imports: [], listen, peers, httpPort: 0 }, pino({ enabled: false }))
  onTestFinished(async () => {
    await node.stop()
  })
  await vi.waitUntil(() => asked === silent.length, patience)
  await peer.dial(node.multiaddrs)
  await vi.waitUntil(async () => (await node.status()).blobs === 1, patience)
})

test('an answer that drips is broken off, and what came of it is kept', async () => {
  const blobs = [mediaOf(1, 100), mediaOf(2, 100), mediaOf(3, 100)] as const
  const dripping = await networkThat(async (stream) => {
    const channel = new MessageChannel(stream, limits, never)
    parseRequest(await channel.receive())
    for (const { cid, bytes } of blobs.slice(0, 2)) await channel.send({ type: 'blob', cid, bytes })
  })
  const asking = await networkThat(() => {})
  await asking.dial(
    dripping.addresses.map((address) => multiaddr(address)),
    never,
  )
  const channel = new MessageChannel(await asking.openStream(dripping.peerId, never), limits, never)
  const fetched = await new Asker(channel, 300).fetch(blobs.map(({ cid }) => cid))
  expect(fetched.blobs.map(({ cid }) => cid)).toEqual(blobs.slice(0, 2).map(({ cid }) => cid))
  expect(fetched.failure?.name).toBe('TimeoutError')
})
