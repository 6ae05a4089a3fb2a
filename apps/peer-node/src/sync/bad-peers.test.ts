import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from '@ipld/dag-cbor'
import { encodeDocument } from '@lockkeeper/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createIdentity } from '../identity/identity.ts'
import { blobBytesMax } from '../limits.ts'
import type { PeerNode } from '../node/peer-node.ts'
import { startNode } from '../node/start-node.ts'
import { blobOf, dagCborCodec, mediaOf } from '../testing/blobs.ts'
import { type Answer, ScriptedPeer } from '../testing/scripted-peer.ts'

const { signer } = createIdentity()
const patience = { timeout: 20_000, interval: 10 }
const log = pino({ enabled: false })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-bad-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function scripted(
  answers: Iterable<readonly [string, Answer]>,
  changes: readonly string[] = [],
): Promise<ScriptedPeer> {
  const peer = await ScriptedPeer.start(new Map(answers), changes)
  onTestFinished(() => peer.stop())
  return peer
}

async function nodeWith(...peers: ScriptedPeer[]): Promise<PeerNode> {
  const node = await startNode(
    {
      data: join(folder, 'data'),
      imports: [],
      listen: multiaddr('/ip4/127.0.0.1/tcp/0'),
      peers: peers.map(({ address }) => multiaddr(address)),
      httpPort: 0,
    },
    log,
  )
  onTestFinished(async () => {
    await node.stop()
  })
  return node
}

function goodBlobs(count: number): (readonly [string, Answer])[] {
  return Array.from({ length: count }, (_, n) => {
    const { cid, bytes } = mediaOf(n, 100 + n)
    return [cid, { bytes }] as const
  })
}

function documentBlob(title: string): { cid: string; bytes: Uint8Array } {
  return encodeDocument({ title, path: `${title}.md`, text: 'words', links: [], time: 1 }, signer)
}

/** A document changed after it was signed, named by what it is now. */
function forgedBlob(): { cid: string; bytes: Uint8Array } {
  const record: Record<string, unknown> = decode(documentBlob('forged').bytes)
  return blobOf(encode({ ...record, text: 'other words' }), dagCborCodec)
}

test('bad blobs are dropped, counted against their sender, and take nothing down', async () => {
  const forged = forgedBlob()
  const nonsense = blobOf(Uint8Array.of(0xff, 0xff), dagCborCodec)
  const large = blobOf(new Uint8Array(blobBytesMax + 1))
  const named = mediaOf(901, 50)
  const good = documentBlob('good')
  const bad = [
    [forged.cid, { bytes: forged.bytes }],
    [nonsense.cid, { bytes: nonsense.bytes }],
    [large.cid, { bytes: large.bytes }],
    [named.cid, { bytes: Uint8Array.of(1, 2, 3) }],
    ['bafynotreallyacid', { bytes: Uint8Array.of(1) }],
  ] as const
  const peer = await scripted([...goodBlobs(100), [good.cid, { bytes: good.bytes }], ...bad])
  const node = await nodeWith(peer)
  await vi.waitUntil(async () => (await node.status()).sync.peers[0]?.state === 'up-to-date', patience)

  await vi.waitUntil(async () => (await node.status()).documents === 1, patience) // indexed a little after it is stored
  const { sync, blobs, documents } = await node.status()
  expect({ blobs, documents, refused: sync.refused }).toEqual({
    blobs: 101,
    documents: 1,
    refused: bad.length,
  })
  expect(sync.refusals).toEqual({
    'bad-signature': 1,
    malformed: 1,
    'too-large': 1,
    'hash-mismatch': 1,
    'bad-cid': 1,
  })
  expect(sync.peers[0]).toMatchObject({ peer: peer.peerId, received: 101, missing: 0, failures: 0 })
  const refusedOf = async (): Promise<number | undefined> => {
    const response = await fetch(`${node.url}/api/peers`)
    const { peers } = (await response.json()) as { peers: { id: string; refusedBlobs: number }[] }
    return peers.find(({ id }) => id === peer.peerId)?.refusedBlobs
  }
  await vi.waitUntil(async () => (await refusedOf()) === bad.length, patience)
  expect(peer.wanted.length).toBe(new Set(peer.wanted).size)
})

const unasked = mediaOf(900, 50)
test.each([
  ['a blob that was not asked for', { type: 'blob', cid: unasked.cid, bytes: unasked.bytes }],
  ['a message of another kind', { type: 'list', cids: [], position: { epoch: 'e', index: 0 } }],
  ['no message of the protocol', { type: 'gossip' }],
  ['not even a map', 7],
  ['a message over the bound', { type: 'blob', cid: unasked.cid, bytes: new Uint8Array(3 * blobBytesMax) }],
])(
  'a peer that answers with %s is left alone for a while; a good one is not affected',
  async (_, message) => {
    const broken = await scripted([[mediaOf(1_000, 10).cid, { message }]])
    const good = await scripted(goodBlobs(30))
    const node = await nodeWith(broken, good)
    await vi.waitUntil(async () => {
      const { blobs, sync } = await node.status()
      return (
        blobs === 30 && sync.peers.some(({ peer, state }) => peer === broken.peerId && state === 'retrying')
      )
    }, patience)
    const status = await node.status()
    expect(status.sync.peers.find(({ peer }) => peer === broken.peerId)).toMatchObject({
      failures: 1,
      received: 0,
    })
  },
)

test('two peers that have the same are not asked for the same', async () => {
  const blobs = goodBlobs(400)
  const peers = [await scripted(blobs), await scripted(blobs)]
  const node = await nodeWith(...peers)
  await vi.waitUntil(async () => {
    const { sync } = await node.status()
    return sync.peers.length === 2 && sync.peers.every(({ state }) => state === 'up-to-date')
  }, patience)
  const wanted = peers.flatMap((peer) => peer.wanted)
  expect(wanted.length).toBe(blobs.length)
  expect(new Set(wanted).size).toBe(blobs.length)
})

test('a change told twice is fetched once', async () => {
  const late = mediaOf(2_000, 10)
  const peer = await scripted([...goodBlobs(3), [late.cid, { bytes: late.bytes }]], [late.cid, late.cid])
  const node = await nodeWith(peer)
  await vi.waitUntil(async () => (await node.status()).blobs === 4, patience)
  expect(peer.wanted.filter((cid) => cid === late.cid)).toHaveLength(1)
  expect((await node.status()).sync.peers[0]).toMatchObject({ failures: 0, received: 4 })
})
