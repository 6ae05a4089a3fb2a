// What a flush did not store is news again when it is next reported, and is counted where the database counts what was dropped
// (promises 3, 10, 12 and 13).
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CoalescerHost, type Database, openDatabase } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { peerIdOf } from '../../fixtures/peers.ts'
import { domainActor } from '../domains/domain-actor.ts'
import { peerLimits } from '../limits.ts'
import { migrations } from '../schema/migrations.ts'
import { modules, type StoreModules } from '../store/modules.ts'
import { PeerWriter } from './peer-writer.ts'
import { peerWriterActor } from './peer-writer-actor.ts'

/** SQLite refuses rows of those who are named here. */
const refusing = {
  set: 'test',
  id: 1,
  name: 'refusing',
  sql: `
    create table refused (id text primary key) strict;
    create trigger refuse before insert on peers when exists (select 1 from refused where id = new.id)
    begin select raise(abort, 'refused'); end;`,
}
const label = 'peers.upsertMany'
let folder: TemporaryFolder
let db: Database<StoreModules>

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({
    file: folder.file('a.db'),
    migrations: [...migrations, refusing],
    procedures: modules,
  })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const saw = (writer: PeerWriter, peer: number, seenAt: number): void =>
  writer.sawPeer({ id: peerIdOf(peer), addresses: ['/ip4/8.8.8.8/tcp/1'], status: 'connected', seenAt })

test('a peer that SQLite refuses fails alone, and is written once it can be, though nothing new is told of it', async () => {
  const writer = new PeerWriter({ host: db, flush: db.procedure.peers.upsertMany })
  await db.write('insert into refused values (?)', [peerIdOf(7)])
  for (let peer = 0; peer < 100; peer++) saw(writer, peer, 1)
  await expect(writer.flush()).rejects.toMatchObject({ outcome: 'not-stored' })
  expect(writer.counts).toMatchObject({ reported: 100, stored: 99, dropped: { failed: 1 } })
  expect(Object.values(db.report().drops[label] ?? {})).toEqual([1])
  await db.write('delete from refused')
  for (let peer = 0; peer < 100; peer++) saw(writer, peer, 2)
  await writer.flush()
  expect(await db.readValue('select count(*) from peers join peer_addresses on peer = id')).toBe(100)
})

/** A database that never closes by itself: what it was told to do before the end, and of what was dropped. */
function host(): CoalescerHost & { close(): Promise<unknown>; readonly drops: unknown[] } {
  const ends: Parameters<CoalescerHost['beforeClose']>[] = []
  const drops: unknown[] = []
  return {
    drops,
    spawn: (logic, { systemId, input }) => createActor(logic, { systemId, input }).start() as never,
    beforeClose: (...end) => {
      ends.push(end)
      return () => {}
    },
    countDropped: (...drop) => drops.push(drop),
    close: async () => {
      for (const [drain] of ends) await drain({ deadlineMs: 0 })
      return ends.map(([, undelivered]) => undelivered?.())
    },
  }
}

test('what there was no time for, checked or not, is in the close report and among the drops', async () => {
  const closing = host()
  const writer = new PeerWriter({ host: closing, flush: db.procedure.peers.upsertMany })
  for (let peer = 0; peer < 100; peer++) saw(writer, peer, 1)
  expect(await closing.close()).toEqual([{ label, values: 100 }])
  expect(closing.drops).toEqual([[label, 'closed', 100, 'sync']])
  saw(writer, 0, 2)
  expect(closing.drops).toHaveLength(2)
})

test('so it is in an actor system of one’s own', async () => {
  const closing = host()
  const input = { db: closing, flush: db.procedure.peers.upsertMany }
  const peers = createActor(peerWriterActor, { input }).start()
  const domains = createActor(domainActor, {
    input: { db: closing, flush: db.procedure.domains.upsertMany },
  }).start()
  peers.send({ type: 'saw', sighting: { id: peerIdOf(1), addresses: [], status: 'connected', seenAt: 1 } })
  domains.send({ type: 'checked', check: { name: 'a.example', status: 'ok', checkedAt: 1 } })
  expect(await closing.close()).toEqual([
    { label, values: 1 },
    { label: 'domains.upsertMany', values: 1 },
  ])
  expect(closing.drops).toContainEqual([label, 'closed', 1, 'sync'])
})

test('a flood of other people’s lists is dropped and counted, and takes no one’s place who was seen here', async () => {
  const writer = new PeerWriter({ host: db, flush: db.procedure.peers.upsertMany })
  const row = { id: peerIdOf(1), addresses: [] }
  const list = Array.from({ length: peerLimits.listRowsMax }, () => row)
  const lists = peerLimits.checksHeldMax / peerLimits.listRowsMax + 1
  for (let index = 0; index < lists; index++) writer.heardOfPeers(list, 1)
  expect(writer.counts.dropped.full).toBe(peerLimits.listRowsMax)
  expect(db.report().drops[label]).toEqual({ 'queue-full': peerLimits.listRowsMax })
  saw(writer, 2, 1)
  await writer.flush()
  expect(writer.counts.dropped.full).toBe(peerLimits.listRowsMax)
  expect(await db.call.peers.byId(peerIdOf(2))).toMatchObject({ status: 'connected' })
})

test('nor does it while nothing can be written', async () => {
  const flush = { name: label, call: () => ({ outcome: () => new Promise(() => {}) }) }
  const writer = new PeerWriter({
    host: host(),
    flush: flush as unknown as typeof db.procedure.peers.upsertMany,
  })
  const checked = async (): Promise<void> => {
    while (writer.counts.waiting > 0) await nextTurn()
  }
  const known = peerLimits.itemsHeldMax + 2_000
  for (let from = 0; from < known; from += peerLimits.listRowsMax) {
    const list = Array.from({ length: peerLimits.listRowsMax }, (_, index) => peerIdOf(from + index))
    writer.heardOfPeers(
      list.map((id) => ({ id, addresses: ['/ip4/8.8.8.8/tcp/1'] })),
      1,
    )
  }
  await checked()
  const { full } = writer.counts.dropped
  expect(full).toBeGreaterThan(0)
  for (let peer = 0; peer < 1_000; peer++) saw(writer, known + peer, 1)
  await checked()
  expect(writer.counts.dropped.full).toBe(full)
})
