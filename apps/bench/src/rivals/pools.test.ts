import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { splitPool } from '../limits.ts'
import { checkpointMode } from './regular-checkpoint.ts'
import { SharedPool } from './shared-pool.ts'
import type { SmallBlob, SmallPeer } from './small-work.ts'
import { SplitPool } from './split-pool.ts'
import type { Store } from './store.ts'

const work = new URL('./small-work.ts', import.meta.url)
const peers = (count: number): SmallPeer[] =>
  Array.from({ length: count }, (_, index) => ({ id: `p${index}`, addresses: `/ip4/10.0.0.${index}` }))
const blobs = (count: number): SmallBlob[] =>
  Array.from({ length: count }, (_, index) => ({ hash: `h${index}`, body: Buffer.alloc(1_024, index) }))
const bad: SmallPeer = { id: 'bad', addresses: '' }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const shared = (): Promise<SharedPool<SmallPeer, SmallBlob>> => SharedPool.open(folder, work)
const split = (): Promise<SplitPool<SmallPeer, SmallBlob>> => SplitPool.open(folder, work)

async function storedPeers(): Promise<unknown> {
  await using store = await shared()
  return store.read('select count(*) as count from peers')
}

describe.each([
  ['shared', shared],
  ['split', split],
])('the %s pool', (_, open: () => Promise<Store<SmallPeer, SmallBlob>>) => {
  it('stores what many callers hand in at the same time, reads meanwhile, and has all of it after closing', async () => {
    const store = await open()
    const reads = Array.from({ length: 40 }, () =>
      store.read('select count(*) from peers where id <> ?', ['']),
    )
    await Promise.all([
      ...peers(100).map((peer) => store.writePeer(peer)),
      ...[0, 20, 40].map((from) => store.writeBlobs(blobs(60).slice(from, from + 20))),
      ...reads,
    ])
    expect(await store.read('select count(*) as count from known_blobs')).toEqual([{ count: 60 }])
    await store.close()
    expect(await storedPeers()).toEqual([{ count: 100 }])
    expect(store.counts.peersLost).toBe(0)
  })

  it('refuses what has not had its turn when it is abandoned, and stores what was taken in', async () => {
    const store = await open()
    const many = splitPool.peersHeldMax + 500
    const writes = Promise.allSettled(peers(many).map((peer) => store.writePeer(peer)))
    const reads = Promise.allSettled(Array.from({ length: 500 }, () => store.read('select 1')))
    await store.abandon()
    const taken = (await writes).filter(({ status }) => status === 'fulfilled').length
    expect(taken).toBeLessThan(many)
    expect((await reads).some(({ status }) => status === 'rejected')).toBe(true)
    expect(await storedPeers()).toEqual([{ count: taken }])
  })

  it('runs a statement that somebody waits for, and tells what SQLite says to it', async () => {
    await using store = await open()
    const sql = 'insert into peers (id, addresses) values (?, ?)'
    await store.write(sql, ['p', '/ip4/10.0.0.1'])
    expect(await store.read('select id from peers')).toEqual([{ id: 'p' }])
    await expect(store.write(sql, ['q', ''])).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_CHECK' })
  })

  it('tells a reader what SQLite says', async () => {
    await using store = await open()
    await expect(store.read('select * from nothing')).rejects.toMatchObject({ code: 'SQLITE_ERROR' })
    expect(await store.read('select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('the shared pool', () => {
  it('gives each peer its transaction and its error, and cuts blobs into tens', async () => {
    await using store = await shared()
    const outcomes = await Promise.allSettled([...peers(3), bad].map((peer) => store.writePeer(peer)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    expect(outcomes[3]).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_CHECK' } })
    await store.writeBlobs(blobs(25))
    expect(store.counts.transactions).toBe(3 + 3)
    await store.checkpoint()
    expect(store.counts.checkpoints).toBeGreaterThan(0)
  })
})

describe('the split pool', () => {
  it('gathers peers into batches of 32, and loses a whole batch for one bad peer without a word', async () => {
    const store = await split()
    await Promise.all([...peers(31), bad, ...peers(64).slice(31)].map((peer) => store.writePeer(peer)))
    await store.close()
    expect(store.counts).toMatchObject({ transactions: 2, peersLost: 32 })
    expect(await storedPeers()).toEqual([{ count: 33 }])
  })

  it('lets callers wait once its queue of peers is full', async () => {
    const store = await split()
    // The first 32 are on their way to the writer while the others come.
    const pushed = peers(splitPool.peersHeldMax + 32 + 5).map((peer) => store.writePeer(peer))
    expect(store.peersWaiting).toBe(5)
    await Promise.all(pushed)
    await store.close()
    expect(await storedPeers()).toEqual([{ count: splitPool.peersHeldMax + 32 + 5 }])
  })

  it('feeds blobs of all callers by the hundred, and checkpoints on its writer', async () => {
    await using store = await split()
    await Promise.all([store.writeBlobs(blobs(150)), store.writeBlobs(blobs(250).slice(150))])
    expect(store.counts.transactions).toBe(3)
    await store.checkpoint()
    expect(store.counts.checkpoints).toBeGreaterThan(0)
  })

  it('truncates a log that has become larger than its bound', () => {
    const log = join(folder, 'bench.db-wal')
    expect(checkpointMode(folder, 1_000)).toBe('passive')
    writeFileSync(log, '')
    truncateSync(log, 1_000)
    expect(checkpointMode(folder, 1_000)).toBe('passive')
    truncateSync(log, statSync(log).size + 1)
    expect(checkpointMode(folder, 1_000)).toBe('truncate')
  })
})
