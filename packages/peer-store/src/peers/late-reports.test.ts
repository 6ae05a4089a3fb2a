// The newest report of a peer counts, in whatever order they come and whatever the memory let go of meanwhile (promise 6): the
// memory never takes for stored what the file has refused, or has not heard of.
//
//   reported    connected 0     connected 10    failed 5, late
//   the memory  hands it on     nothing new     hands it on, with what it knows of 10
//   the file    connected 0                     must not say that the peer failed
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { peerIdOf } from '../../fixtures/peers.ts'
import { peerLimits } from '../limits.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore } from '../types.ts'
import type { PeerSighting } from './types.ts'

let folder: TemporaryFolder
let store: PeerStore
const start = Date.now() + 60_000
const a = peerIdOf('a')
const at = (port: number): string[] => [`/ip4/127.0.0.1/tcp/${port}`]

beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openPeerStore({ file: folder.file('store.db') })
})

afterEach(async () => {
  await store.close()
  await folder[Symbol.asyncDispose]()
})

async function saw(afterMs: number, fields: Partial<PeerSighting> = {}): Promise<void> {
  store.sawPeer({ id: a, seenAt: start + afterMs, addresses: [], status: 'connected', ...fields })
  await store.peers.flush()
}

describe('a report that comes late', () => {
  test('does not pass for the newest, though the newest said nothing new and was not written', async () => {
    await saw(0, { addresses: at(1) })
    await saw(10_000, { addresses: at(1) })
    await saw(5_000, { addresses: at(2), status: 'failed', reason: 'refused' })
    expect(await store.peers.find(a)).toMatchObject({
      status: 'connected',
      seenAt: start + 10_000,
      addresses: at(1),
    })
    expect(await store.peers.statuses({ limit: 1 })).toMatchObject([
      { connectedAt: start + 10_000, failedAt: start + 5_000, failures: 0, failure: 'refused' },
    ])
  })

  test('brings its list of addresses, where no newer one has been told', async () => {
    await saw(0, { addresses: at(1) })
    await saw(10_000)
    await saw(5_000, { addresses: at(2) })
    expect(await store.peers.find(a)).toMatchObject({ status: 'connected', addresses: at(2) })
  })

  test('is not what the next report is compared with, however many come', async () => {
    await saw(100, { addresses: at(2) })
    await saw(50, { addresses: at(1), status: 'failed' })
    await saw(60, { addresses: at(1), status: 'failed' })
    await saw(110, { addresses: at(1), status: 'failed' })
    expect(await store.peers.find(a)).toMatchObject({ status: 'failed', addresses: at(1) })
  })

  test('and says nothing new is let go of', async () => {
    await saw(100)
    await saw(50)
    expect(store.peers.counts).toMatchObject({ reported: 2, unchanged: 1 })
  })
})

test('a list that the file refused, because the clock was set back, is stored once the clock has caught up', async () => {
  const hour = 3_600_000
  await saw(hour, { addresses: at(1) })
  await store.close()
  store = await openPeerStore({ file: folder.file('store.db') })
  await saw(0, { addresses: at(2) })
  expect(await store.peers.find(a)).toMatchObject({ addresses: at(1) }) // no one can tell yet which clock was wrong
  for (let ms = 0; ms <= hour + peerLimits.addressesAgainMs; ms += 60_000) {
    store.sawPeer({ id: a, seenAt: start + ms, addresses: at(2), status: 'connected' })
  }
  expect(await store.peers.find(a)).toMatchObject({ status: 'connected', addresses: at(2) })
})
