// Peers as a node reports them, on the real engine: promises 6 (best effort never blocks), 8 (read your writes), 12 (bounds) and
// 13 (closing loses nothing silently).
import { openDatabase } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressesOf, peerIdOf } from '../../fixtures/peers.ts'
import { peerLimits } from '../limits.ts'
import { migrations } from '../schema/migrations.ts'
import { modules } from '../store/modules.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore } from '../types.ts'
import { PeerWriter } from './peer-writer.ts'
import type { PeerSighting } from './types.ts'

let folder: TemporaryFolder
let store: PeerStore
const start = Date.now() - 3_600_000
/** Reports are made in the hour after the store was opened: what was connected before is not now. */
let clock: number
const open = async (): Promise<void> => {
  clock = start
  store = await openPeerStore({ file: folder.file('store.db'), now: () => clock })
  clock += 3_600_000
}
const [a, b, c] = ['a', 'b', 'c'].map(peerIdOf) as [string, string, string]
const local = (port: number): string => `/ip4/127.0.0.1/tcp/${port}`

beforeEach(async () => {
  folder = await temporaryFolder()
  await open()
})

afterEach(async () => {
  await store.close()
  await folder[Symbol.asyncDispose]()
})

async function reopen(): Promise<void> {
  await store.close()
  await open()
}

function saw(id: string, afterMs: number, fields: Partial<PeerSighting> = {}): void {
  store.sawPeer({ id, seenAt: start + afterMs, addresses: [], status: 'connected', ...fields })
}

describe('peers', () => {
  test('are written though nobody waits: the newest of each, its addresses kept when none come', async () => {
    saw(a, 1, { addresses: [local(1)] })
    saw(a, 3, { status: 'disconnected' })
    saw(b, 5, { addresses: [local(2)] })
    saw(b, 4, { addresses: [local(9)], status: 'failed' })
    store.refusedBlobs(b, 2)
    await reopen()
    saw(a, 2, { addresses: [local(3)] })
    saw(b, 6, { status: 'failed' })
    store.refusedBlobs(b, 1)
    await reopen()
    const rows = await store.listPeers({ limit: 10 })
    expect(new Map(rows.map((row) => [row.id, row]))).toEqual(
      new Map([
        [a, { id: a, status: 'disconnected', seenAt: start + 3, addresses: [local(3)], refusedBlobs: 0 }],
        [b, { id: b, status: 'failed', seenAt: start + 6, addresses: [local(2)], refusedBlobs: 3 }],
      ]),
    )
    expect(await store.listPeers({ limit: 10, after: rows[0]?.id })).toEqual(rows.slice(1))
  })

  test('are shown to whoever asks for one with all that was reported of it, stored or not (promise 8)', async () => {
    for (let round = 0; round < 5; round++) {
      saw(a, round, { addresses: [local(round + 1)] })
      expect(await store.peers.find(a)).toMatchObject({ addresses: [local(round + 1)] })
    }
  })

  test('that say nothing new are not written, and a time at most every 15 seconds', async () => {
    const addresses = addressesOf(1, 20)
    saw(a, 0, { addresses })
    await store.peers.flush()
    const { rowsWritten } = store.peers.counts
    for (let ms = 1; ms < peerLimits.seenResolutionMs; ms += 100) {
      saw(a, ms, { addresses: ms % 2 === 0 ? addresses : addresses.toReversed() }) // the order is no news
    }
    await store.peers.flush()
    expect(store.peers.counts).toMatchObject({ rowsWritten, unchanged: 150, waiting: 0 })
    saw(a, peerLimits.seenResolutionMs, { addresses })
    await store.peers.flush()
    expect(store.peers.counts).toMatchObject({ rowsWritten: rowsWritten + 1, unchanged: 150 })
    expect(await store.peers.find(a)).toMatchObject({ seenAt: start + peerLimits.seenResolutionMs })
  })

  test('that come back to an older list are written with it, though it was theirs before', async () => {
    const [first, second] = [[local(1)], [local(2)]]
    for (const [ms, addresses] of [first, second, first].entries()) saw(a, ms, { addresses })
    expect(await store.peers.find(a)).toMatchObject({ addresses: first })
  })

  test('after a restart cost one row each, and none for addresses that are as they were', async () => {
    saw(a, 0, { addresses: [local(1)] })
    await reopen()
    saw(a, 20_000, { addresses: [local(1)] })
    await store.peers.flush()
    expect(store.peers.counts).toMatchObject({ rowsWritten: 1 })
  })

  test('reported late, after newer news, change nothing that is newer (promise 6: reports may wait)', async () => {
    saw(a, 10, { addresses: [local(1)] })
    saw(a, 20, { addresses: [local(1)] })
    saw(a, 5, { addresses: [local(2)], status: 'failed' })
    expect(await store.peers.find(a)).toMatchObject({ status: 'connected', addresses: [local(1)] })
  })

  test('of whom only bad blobs are known are listed all the same', async () => {
    store.refusedBlobs(c, 4)
    await reopen()
    expect(await store.listPeers({ limit: 1 })).toEqual([
      { id: c, status: 'disconnected', seenAt: 0, addresses: [], refusedBlobs: 4 },
    ])
  })

  test('in a storm of 5,000 connects make a fraction of the rows, and every changed address is stored', async () => {
    const peers = Array.from({ length: 150 }, (_, index) => ({ id: peerIdOf(index), generation: 0 }))
    let changes = 0
    for (let connect = 0; connect < 5_000; connect++) {
      const peer = peers[(connect * 7) % peers.length]
      if (peer === undefined) continue
      if (connect % 100 === 99) peer.generation = connect
      if (connect >= peers.length && connect % 100 === 99) changes++ // the first of a peer is news anyway
      saw(peer.id, connect / 5, { addresses: addressesOf(peer.generation, 3) })
      if (connect % 100 === 99) await store.peers.flush() // else two changes of one peer would be one row
    }
    await store.peers.flush()
    expect(store.peers.counts).toMatchObject({
      reported: 5_000,
      unchanged: 5_000 - peers.length - changes,
      rowsWritten: 2 * peers.length + changes, // a new list is one row: its peer's time is not due
      dropped: { full: 0, failed: 0, closed: 0 },
    })
    const stored = new Map((await store.listPeers({ limit: 1_000 })).map((row) => [row.id, row.addresses]))
    for (const { id, generation } of peers) expect(stored.get(id)).toEqual(addressesOf(generation, 3))
  })
})

describe('what other peers tell', () => {
  test('comes in pages of 2,000, is stored, and counts what is beyond', async () => {
    const page = Array.from({ length: 2_003 }, (_, index) => ({
      id: peerIdOf(index),
      addresses: addressesOf(index, 1),
    }))
    store.peers.heardOf(page, start)
    for (const row of page) row.addresses.length = 0 // the caller may reuse what it handed in
    await store.peers.flush()
    expect(await store.status()).toMatchObject({ peers: peerLimits.listRowsMax })
    expect(store.peers.counts).toMatchObject({ reported: 2_003, refused: { 'too-many-rows': 3 } })
    expect(await store.peers.find(peerIdOf(1_999))).toMatchObject({
      addresses: addressesOf(1_999, 1),
      seenAt: 0,
    })
  })

  test('never replaces what was seen here, and is there to be dialled as well', async () => {
    saw(a, 0, { addresses: [local(1)], status: 'disconnected' })
    store.peers.heardOf([{ id: a, addresses: [local(2)] }], start + 10)
    expect(await store.peers.find(a)).toMatchObject({ addresses: [local(1)] })
    expect(await store.peers.toDial({ limit: 5, now: start })).toEqual([
      { id: a, addresses: [local(1), local(2)], failures: 0 },
    ])
  })

  test('the same again is not written, from whomever it comes', async () => {
    const row = { id: a, addresses: [local(1)] }
    for (let ms = 0; ms < 10; ms++) store.peers.heardOf([row, row], start + ms)
    await store.peers.flush()
    expect(store.peers.counts).toMatchObject({ reported: 20, unchanged: 19, rowsWritten: 2 })
  })
})

describe('connection results', () => {
  test('are kept with their times and reasons, and failures are counted until the next connection', async () => {
    saw(a, 0)
    saw(a, 20_000, { status: 'failed', reason: 'refused' })
    await store.peers.flush()
    saw(a, 40_000, { status: 'failed', reason: 'timeout' })
    await store.peers.flush()
    const failed = { id: a, connectedAt: start, failedAt: start + 40_000, failures: 2, failure: 'timeout' }
    expect(await store.peers.statuses({ limit: 5 })).toMatchObject([failed])
    saw(a, 60_000)
    await store.peers.flush()
    expect(await store.peers.statuses({ limit: 5, status: 'connected' })).toMatchObject([
      { failures: 0, connectedAt: start + 60_000, failedAt: start + 40_000, failure: 'timeout' },
    ])
    expect(await store.peers.statuses({ limit: 5, status: 'failed' })).toEqual([])
  })

  test('are counted from the last connection on, though all of it is written at once', async () => {
    for (const [ms, reason] of ['first', 'second'].entries()) saw(a, ms, { status: 'failed', reason })
    saw(a, 2)
    saw(a, 3, { status: 'failed', reason: 'third' })
    await store.peers.flush()
    expect(await store.peers.statuses({ limit: 1 })).toMatchObject([{ failures: 1, failure: 'third' }])
  })

  test('say whom to dial next: who failed least, of these the last connected; who failed just now waits', async () => {
    const now = start + 100_000
    const address = { addresses: [local(1)] }
    saw(a, 10, { ...address, status: 'failed' })
    saw(b, 0, address)
    saw(b, 1, { status: 'disconnected' })
    saw(c, 5, address)
    saw(c, 6, { status: 'disconnected' })
    saw(peerIdOf('connected'), 7, address)
    saw(peerIdOf('just failed'), 99_999, { ...address, status: 'failed' })
    saw(peerIdOf('nowhere'), 8, { status: 'disconnected' })
    await store.peers.flush()
    const dialled = await store.peers.toDial({ limit: 10, now })
    expect(dialled.map(({ id }) => id)).toEqual([c, b, a])
    expect(await store.peers.toDial({ limit: 2, now })).toEqual(dialled.slice(0, 2))
  })
})

test('closing writes what was reported, and counts what comes after', async () => {
  for (let index = 0; index < 300; index++) saw(peerIdOf(index), index, { addresses: addressesOf(index, 10) })
  expect(await store.close()).toEqual({ notWritten: 0 })
  saw(a, 1)
  expect(store.peers.counts.dropped.closed).toBe(1)
  await reopen()
  expect(await store.status()).toMatchObject({ peers: 300 })
})

test('what a close had no time for is counted: held, or not even checked', async () => {
  await using db = await openDatabase({
    file: folder.file('own.db'),
    migrations,
    procedures: modules,
  })
  const writer = new PeerWriter({ host: db, flush: db.procedure.peers.upsertMany })
  for (let index = 0; index < 100; index++) {
    writer.sawPeer({ id: peerIdOf(index), addresses: [local(1)], status: 'connected', seenAt: start })
  }
  await writer.close({ deadlineMs: 0 })
  expect(writer.counts).toMatchObject({ reported: 100, waiting: 0, dropped: { closed: 100 } })
  expect(await db.readValue('select count(*) from peers')).toBe(0)
})
