// A changed address is stored within a second while blobs come without a pause (promises 4 and 5). The background lane is then
// served every 500 ms, index steps first: two flushes of peers in a row would take a second.
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, test } from 'vitest'
import { peerIdOf } from '../../fixtures/peers.ts'
import { openPeerStore } from '../store/open-peer-store.ts'

test('peers ride the sync lane, before what is derived from blobs', async () => {
  await using folder = await temporaryFolder()
  await using store = await openPeerStore({ file: folder.file('store.db') })
  const before = store.report().lanes
  store.sawPeer({
    id: peerIdOf('a'),
    seenAt: Date.now(),
    addresses: ['/ip4/127.0.0.1/tcp/1'],
    status: 'connected',
  })
  await store.peers.flush()
  const after = store.report().lanes
  expect(after.sync.committed - before.sync.committed).toBe(1)
})
