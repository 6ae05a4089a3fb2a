// What a start does to the peers of the run before: in small steps, while users write and read (promise 4), and what the first
// schema had is still there.
import { type Database, openDatabase } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressesOf, peerIdOf } from '../../fixtures/peers.ts'
import { peerLimits } from '../limits.ts'
import { migrations } from '../schema/migrations.ts'
import { modules, type StoreModules } from '../store/modules.ts'
import { emptyNote, type PeerNote } from './peer-note.ts'

const day = 86_400_000
/** In the future, so that the clock of whoever runs this is behind it. */
const now = Date.now() + 1_000 * day
let folder: TemporaryFolder
let db: Database<StoreModules>

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const note = (seed: number, at: number, fields: Partial<PeerNote> = {}): PeerNote => ({
  ...emptyNote(peerIdOf(seed)),
  sighting: { status: 'connected', at },
  connectedAt: at,
  ...fields,
})
const rowOf = (seed: number) =>
  db.readFirst('select status, seen_at, connected_at from peers where id = ?', [peerIdOf(seed)])

describe('the clean-up', () => {
  test('forgets whom nobody saw or told of for 30 days, and their addresses, but not who sent bad blobs', async () => {
    const old = now - 2 * day - peerLimits.forgetAfterMs
    const list = addressesOf(1, 2)
    await db.call.peers.upsertMany([
      note(1, old, { own: { list, at: old } }),
      note(2, old, { heard: { list, at: now - day } }),
      note(3, old, { refusedBlobs: 1 }),
      note(4, now - day),
    ])
    expect(await db.jobs.start.peers.tidy({ openedAt: now })).toBe(1)
    const left = await db.readColumn('select id from peers')
    expect(new Set(left)).toEqual(new Set([2, 3, 4].map(peerIdOf)))
    expect(await db.readColumn('select peer from peer_addresses')).toEqual([peerIdOf(2)])
  })

  test('forgets nobody because the node itself was off for long', async () => {
    const old = now - 2 * peerLimits.forgetAfterMs
    await db.call.peers.upsertMany([note(1, old), note(2, old - day)])
    expect(await db.jobs.start.peers.tidy({ openedAt: now })).toBe(0)
  })

  test('nor because somebody is met before it begins', async () => {
    const old = now - 2 * peerLimits.forgetAfterMs
    await db.call.peers.upsertMany([note(1, old), note(2, old - day)])
    const newestBefore = await db.call.peers.newest()
    await db.call.peers.upsertMany([note(3, now)])
    expect(await db.jobs.start.peers.tidy({ openedAt: now, newestBefore })).toBe(0)
  })

  test('says of nobody that was connected before the start that they are now, and sets wrong clocks back', async () => {
    await db.call.peers.upsertMany([note(1, now - 1), note(2, now + 1), note(3, now + 2 * day)])
    await db.jobs.start.peers.tidy({ openedAt: now })
    expect(await rowOf(1)).toMatchObject({ status: 'disconnected', seen_at: now - 1 })
    expect(await rowOf(2)).toMatchObject({ status: 'connected', seen_at: now + 1 })
    expect(await rowOf(3)).toMatchObject({ status: 'connected', seen_at: now, connected_at: now })
  })

  test('says so too where the clock is behind what it was in the run before', async () => {
    await db.call.peers.upsertMany([note(1, now + 3_600_000), note(2, now)])
    const newestBefore = (await db.call.peers.newest()) ?? 0
    await db.call.peers.upsertMany([note(3, now + 7_200_000)]) // came after the start
    await db.jobs.start.peers.tidy({ openedAt: now, newestBefore })
    expect(await db.call.peers.statuses({ limit: 9, status: 'connected' })).toMatchObject([
      { id: peerIdOf(3) },
    ])
  })

  test('left by a run that was killed, and gone on with days later, sets nothing back that is right', async () => {
    const then = Date.now() - 9 * day
    await db.call.peers.upsertMany([
      note(1, Date.now(), { own: { list: addressesOf(1, 1), at: Date.now() } }),
    ])
    const before = await rowOf(1)
    await db.jobs.start.peers.tidy({ openedAt: then })
    expect(await rowOf(1)).toEqual(before)
    expect(await db.readValue('select min(at) from peer_addresses')).toBeGreaterThan(then)
  })

  test('goes a hundred peers a step, so that a user waits for one of them at most', async () => {
    const notes = Array.from({ length: 1_050 }, (_, seed) => note(seed, now - 1))
    await db.call.peers.upsertMany(notes)
    const steps: number[] = []
    const job = db.jobs.start.peers.tidy({ openedAt: now }, { id: 'tidy' })
    job.on('progress', ({ done }) => steps.push(done ?? -1))
    expect(await job).toBe(0)
    expect(await db.readValue(`select steps from lockkeeper_jobs where id = 'tidy'`)).toBe(12) // the last finds nothing
    expect(await db.readValue(`select count(*) from peers where status = 'connected'`)).toBe(0)
  })
})

test('a file of the first schema keeps its peers, with their addresses apart', async () => {
  const file = folder.file('first.db')
  const first = migrations.filter(({ set }) => set === 'peer-store')
  {
    await using before = await openDatabase({ file, migrations: first })
    await before.writeMany('insert into peers values (?, ?, ?, ?, ?, ?)', [
      ['a', 'connected', 7, '["/ip4/1.2.3.4/tcp/1"]', 6, 0],
      ['b', 'failed', 8, '[]', -1, 3],
    ])
    await before.writeAtomic([['insert into key_values values (?, ?)', ['k', 'v']]])
  }
  await using after = await openDatabase({ file, migrations, procedures: modules })
  expect(await after.call.peers.list({ limit: 5 })).toEqual([
    { id: 'a', status: 'connected', seenAt: 7, addresses: ['/ip4/1.2.3.4/tcp/1'], refusedBlobs: 0 },
    { id: 'b', status: 'failed', seenAt: 8, addresses: [], refusedBlobs: 3 },
  ])
  expect(await after.call.peers.statuses({ limit: 5 })).toMatchObject([
    { id: 'a', connectedAt: 7, failedAt: 0, failures: 0 },
    { id: 'b', connectedAt: 0, failedAt: 8, failures: 1 },
  ])
  expect(await after.readColumn('select * from pragma_foreign_key_check')).toEqual([])
  expect(await after.call.keyValues.get('k')).toBe('v')
})
