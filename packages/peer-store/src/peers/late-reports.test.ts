// The newest report of a peer counts, in whatever order they come and whatever the memory let go of meanwhile (promise 6): the
// memory never takes for stored what the file has refused, or has not heard of.
//
//   reported    connected 0     connected 10    failed 5, late
//   the memory  hands it on     nothing new     hands it on, with what it knows of 10
//   the file    connected 0                     must not say that the peer failed
import { type Database, openDatabase } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { peerIdOf } from '../../fixtures/peers.ts'
import { peerLimits } from '../limits.ts'
import { migrations } from '../schema/migrations.ts'
import { modules, type StoreModules } from '../store/modules.ts'
import { PeerWriter } from './peer-writer.ts'
import type { PeerSighting } from './types.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)
const a = peerIdOf('a')
const at = (port: number): string[] => [`/ip4/127.0.0.1/tcp/${port}`]
let folder: TemporaryFolder
let db: Database<StoreModules>
let writer: PeerWriter
let clock: number

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('a.db'), migrations, procedures: modules })
  clock = start + 2 * hour
  makeWriter()
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

function makeWriter(): void {
  writer = new PeerWriter({ host: db, flush: db.procedure.peers.upsertMany, now: () => clock })
}

async function saw(afterMs: number, fields: Partial<PeerSighting> = {}): Promise<void> {
  writer.sawPeer({ id: a, seenAt: start + afterMs, addresses: [], status: 'connected', ...fields })
  await writer.flush()
}

describe('a report that comes late', () => {
  test('does not pass for the newest, though the newest said nothing new and was not written', async () => {
    await saw(0, { addresses: at(1) })
    await saw(10_000, { addresses: at(1) })
    await saw(5_000, { addresses: at(2), status: 'failed', reason: 'refused' })
    expect(await db.call.peers.byId(a)).toMatchObject({
      status: 'connected',
      seenAt: start + 10_000,
      addresses: at(1),
    })
    expect(await db.call.peers.statuses({ limit: 1 })).toMatchObject([
      { connectedAt: start + 10_000, failedAt: start + 5_000, failures: 0, failure: 'refused' },
    ])
  })

  test('brings its list of addresses, where no newer one has been told', async () => {
    await saw(0, { addresses: at(1) })
    await saw(10_000)
    await saw(5_000, { addresses: at(2) })
    expect(await db.call.peers.byId(a)).toMatchObject({ status: 'connected', addresses: at(2) })
  })

  test('is not what the next report is compared with, however many come', async () => {
    await saw(100, { addresses: at(2) })
    await saw(50, { addresses: at(1), status: 'failed' })
    await saw(60, { addresses: at(1), status: 'failed' })
    await saw(110, { addresses: at(1), status: 'failed' })
    expect(await db.call.peers.byId(a)).toMatchObject({ status: 'failed', addresses: at(1) })
  })

  test('and says nothing new is let go of', async () => {
    await saw(100)
    await saw(50)
    expect(writer.counts).toMatchObject({ reported: 2, unchanged: 1 })
  })
})

describe('where the clock was set back', () => {
  test('reports count as of the newest time known, and none as late after what has not happened yet', async () => {
    await saw(hour, { addresses: at(1) })
    clock = start + 10
    await saw(5, { status: 'disconnected', addresses: at(2) })
    expect(await db.call.peers.byId(a)).toMatchObject({
      ...{ status: 'disconnected', addresses: at(2), seenAt: start + hour },
    })
  })

  test('a list that the file refused, because it knew a newer time, is stored once the clock has caught up', async () => {
    await saw(hour, { addresses: at(1) })
    await writer.close()
    makeWriter()
    clock = start
    await saw(0, { addresses: at(2) })
    expect(await db.call.peers.byId(a)).toMatchObject({ addresses: at(1) })
    for (let ms = 0; ms <= hour + peerLimits.addressesAgainMs; ms += 60_000) {
      clock = start + ms
      await saw(ms, { addresses: at(2) })
    }
    expect(await db.call.peers.byId(a)).toMatchObject({ status: 'connected', addresses: at(2) })
  })
})
