import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { PeerNode } from '../node/peer-node.ts'
import { startNode } from '../node/start-node.ts'

const anyPort = multiaddr('/ip4/127.0.0.1/tcp/0')
const patience = { timeout: 25_000, interval: 10 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-reconnect-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Start {
  readonly listen?: Multiaddr | undefined
  readonly peers?: readonly Multiaddr[]
  readonly imports?: readonly string[]
}

async function start(
  name: string,
  { listen = anyPort, peers = [], imports = [] }: Start = {},
): Promise<PeerNode> {
  const options = { data: join(folder, name), imports, listen, peers, httpPort: 0 }
  const node = await startNode(options, pino({ enabled: false }))
  onTestFinished(async () => {
    await node.stop()
  })
  return node
}

async function files(name: string): Promise<string> {
  const path = join(folder, `${name}-files`)
  await mkdir(path)
  await writeFile(join(path, `${name}.md`), `# ${name}`)
  return path
}

/** Where a node can be dialled; a stopped one does not say any more. */
function addressOf(node: PeerNode): Multiaddr {
  return multiaddr(node.multiaddrs[0] ?? '')
}

function withoutPeer(address: Multiaddr): Multiaddr {
  return multiaddr(address.toString().split('/p2p/')[0] ?? '')
}

async function untilDocuments(node: PeerNode, count: number): Promise<void> {
  await vi.waitUntil(async () => (await node.status()).documents === count, patience)
}

test('a named peer that goes away is connected to again when it is back, and what it has since is synced', async () => {
  const first = await start('first', { imports: [await files('one')] })
  const address = addressOf(first)
  const second = await start('second', { peers: [address] })
  await untilDocuments(second, 1)
  await first.stop()
  await vi.waitUntil(async () => (await second.status()).peersConnected === 0, patience)
  const again = await start('first', { listen: withoutPeer(address), imports: [await files('two')] })
  expect(again.peerId).toBe(first.peerId)
  await untilDocuments(second, 2)
  await vi.waitUntil(async () => (await second.status()).sync.received === 2, patience)
})

test('peers met before are found again from the peer list, without being named', async () => {
  const first = await start('first')
  const second = await start('second', { peers: [addressOf(first)] })
  await vi.waitUntil(async () => (await first.status()).peersKnown === 1, patience)
  await vi.waitUntil(async () => (await second.status()).peersKnown === 1, patience)
  const places = [first, second].map((node) => withoutPeer(addressOf(node)))
  await second.stop()
  await first.stop()
  const firstAgain = await start('first', { listen: places[0], imports: [await files('one')] })
  const secondAgain = await start('second', { listen: places[1] })
  await untilDocuments(secondAgain, 1)
  expect((await firstAgain.status()).peersConnected).toBe(1)
})

test('a peer that was never there is tried again and again, and nothing else suffers', async () => {
  const gone = await start('gone')
  const address = addressOf(gone)
  await gone.stop()
  const node = await start('node', { peers: [address], imports: [await files('one')] })
  await untilDocuments(node, 1)
  const rows = async (): Promise<{ id: string; status: string }[]> => {
    const response = await fetch(`${node.url}/api/peers`)
    return ((await response.json()) as { peers: { id: string; status: string }[] }).peers
  }
  await vi.waitUntil(async () => (await rows()).length === 1, patience)
  expect(await rows()).toMatchObject([{ id: gone.peerId, status: 'failed' }])
})
