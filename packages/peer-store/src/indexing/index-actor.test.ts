// Blobs are stored and acknowledged first, and indexed after it, on the real engine: promises 2 (an answer means committed),
// 6 and 8 (whoever wants to find what was stored can wait for it), 10 (one bad record fails alone), 12.
import { openDatabase } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { blobRow } from '../blobs/blob-row.ts'
import { indexLimits } from '../limits.ts'
import { cidOf, codecs } from '../records/cid.ts'
import { encodeComment } from '../records/comment-record.ts'
import { verifyBlob } from '../records/verify-blob.ts'
import { migrations } from '../schema/migrations.ts'
import { modules } from '../store/modules.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore, VerifiedBlob } from '../types.ts'
import { spawnIndexActor } from './index-actor.ts'

let folder: TemporaryFolder
let store: PeerStore

beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openPeerStore({ file: folder.file('store.db') })
})

afterEach(async () => {
  await store.close()
  await folder[Symbol.asyncDispose]()
})

async function reopen(): Promise<void> {
  await store.close()
  store = await openPeerStore({ file: folder.file('store.db') })
}

const writer = author()
const documents = (count: number): VerifiedBlob[] =>
  Array.from({ length: count }, (_, index) =>
    documentOf(writer, { path: `${index}.md`, text: `word${index}` }),
  )
const comment = (on: VerifiedBlob, text: string, time = 5): VerifiedBlob =>
  encodeComment({ on: on.cid, text, time }, author())

describe('known blobs', () => {
  test('go no further than the app’s thread, after a restart neither', async () => {
    const blobs = documents(200)
    await store.putBlobs(blobs)
    await store.putBlobs(blobs)
    expect(store.indexCounts).toMatchObject({ known: 200, stored: 200 })
    await reopen()
    const before = store.report().lanes.sync.admitted
    await store.putBlobs(blobs)
    expect(store.indexCounts).toMatchObject({ known: 200, stored: 200, knowsAll: true })
    expect(store.report().lanes.sync.admitted).toBe(before)
    expect(await store.missing(blobs.map(({ cid }) => cid))).toEqual([])
  })

  test('do not keep a record out that somebody sent as media first', async () => {
    const [document] = documents(1)
    if (document === undefined) throw new Error('one was made')
    const { bytes } = document
    const disguised = verifyBlob({ cid: cidOf(bytes, codecs.raw), bytes })
    await store.putBlobs([disguised], { until: 'indexed' })
    expect(await store.status()).toMatchObject({ documents: 0, blobs: 1 })
    expect(await store.missing([document.cid])).toEqual([document.cid])
    await store.putBlobs([document], { until: 'indexed' })
    expect(await store.status()).toMatchObject({ documents: 1, blobs: 1 })
    expect(await store.missing([document.cid, disguised.cid])).toEqual([])
    expect(Buffer.from((await store.getBlob(disguised.cid))?.bytes ?? [])).toEqual(Buffer.from(bytes))
  })
})

describe('records out of order', () => {
  test('wait in the stash until what they need is there, and what needs them then follows', async () => {
    const [document] = documents(1)
    if (document === undefined) throw new Error('one was made')
    const first = comment(document, 'first zebra')
    const answer = comment(first, 'answer zebra')
    await store.putBlobs([answer], { until: 'indexed' })
    await store.putBlobs([first], { until: 'indexed' })
    expect(await store.status()).toMatchObject({ toIndex: 0, waiting: 2, documents: 0 })
    expect(await store.search('zebra', { limit: 10 })).toEqual([])
    await reopen() // the stash outlives the process
    await store.putBlobs([document], { until: 'indexed' })
    expect(await store.status()).toMatchObject({ toIndex: 0, waiting: 0, documents: 1 })
    const place = { path: '0.md', author: Buffer.from(writer.publicKey).toString('hex') }
    const comments = await store.comments({ ...place, limit: 10 })
    expect(comments.map(({ text, on }) => [text, on])).toEqual(
      expect.arrayContaining([
        ['first zebra', document.cid],
        ['answer zebra', first.cid],
      ]),
    )
    const hits = await store.search('zebra', { limit: 10 })
    expect(hits.map(({ found, path }) => [found.kind, path])).toEqual([
      ['comment', '0.md'],
      ['comment', '0.md'],
    ])
  })

  test('all follow, however many wait for one document, some at a time', async () => {
    const [document] = documents(1)
    if (document === undefined) throw new Error('one was made')
    const count = 3 * indexLimits.wokenAtOnce + 1
    await store.putBlobs(
      Array.from({ length: count }, (_, at) => comment(document, `said ${at}`)),
      { until: 'indexed' },
    )
    expect(await store.status()).toMatchObject({ waiting: count })
    await store.close()
    {
      await using db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
      await db.call.index.publish([await blobRow(document)])
      // A person's write wakes no more than fit in, however many wait.
      expect(await db.readValue('select count(*) from stashed_blobs')).toBe(count - indexLimits.wokenAtOnce)
    }
    store = await openPeerStore({ file: folder.file('store.db') })
    await store.indexed()
    expect(await store.status()).toMatchObject({ toIndex: 0, waiting: 0 })
    expect(await store.search('said', { limit: 100 })).toHaveLength(100)
  })

  test('that a person publishes wake those that waited for them', async () => {
    const [document] = documents(1)
    if (document === undefined) throw new Error('one was made')
    await store.putBlobs([comment(document, 'early')], { until: 'indexed' })
    await store.publish([document])
    expect(await store.search('word0', { limit: 1 })).toHaveLength(1) // at once
    await store.indexed()
    expect(await store.search('early', { limit: 1 })).toHaveLength(1)
  })
})

test('what an earlier run stored and did not index is indexed when the store is opened', async () => {
  await store.putBlobs(documents(50), { until: 'indexed' })
  await store.close()
  {
    await using db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
    await db.write('update blobs set state = 0')
    await db.write('delete from texts')
  }
  store = await openPeerStore({ file: folder.file('store.db') })
  await store.indexed()
  expect(await store.status()).toMatchObject({ toIndex: 0, documents: 50 })
  expect(await store.search('word7', { limit: 10 })).toHaveLength(1)
})

test('a record whose indexing keeps failing is set aside, and the others are indexed (promise 10)', async () => {
  await store.close()
  await using db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
  await db.write(`create trigger poison before insert on resources when new.path = '3.md'
    begin select raise(abort, 'poison'); end`)
  const index = spawnIndexActor(db)
  await index.put(documents(8), { until: 'indexed' })
  expect(index.counts).toMatchObject({ indexed: 7, setAside: 1 })
  expect(await db.readColumn('select path from resources where path = ?', ['3.md'])).toEqual([])
  await db.write('drop trigger poison')
  await index.reindex()
  expect(await db.readColumn('select path from resources where path = ?', ['3.md'])).toEqual(['3.md'])
})

test('a reindex goes on while people publish and read, and leaves what it found', async () => {
  const blobs = documents(300)
  await store.putBlobs([...blobs, ...blobs.slice(0, 20).map((on) => comment(on, 'said'))], {
    until: 'indexed',
  })
  const before = await store.feed({ limit: 200 })
  const job = store.reindex({ id: 'again' })
  const mine = documentOf(writer, { path: 'mine.md', text: 'published meanwhile' })
  await store.publish([mine])
  expect(await store.search('meanwhile', { limit: 1 })).toHaveLength(1)
  expect(await store.listDocuments({ limit: 1_000 })).toHaveLength(301)
  expect(await job).toBeGreaterThanOrEqual(320)
  expect((await store.feed({ limit: 200 })).slice(1, 150)).toEqual(before.slice(0, 149))
  expect(await store.search('said', { limit: 100 })).toHaveLength(20)
  expect(await store.search('word77', { limit: 100 })).toHaveLength(1)
  expect(await store.status()).toMatchObject({ toIndex: 0, waiting: 0, documents: 301 })
})

describe('unread', () => {
  test('is what others wrote, until it is marked, and never what this node signed', async () => {
    await store.close()
    store = await openPeerStore({ file: folder.file('store.db'), ownKey: writer.publicKey })
    const [mine] = documents(1)
    if (mine === undefined) throw new Error('one was made')
    await store.putBlobs([mine], { until: 'indexed' })
    expect(await store.unread({ limit: 10 })).toEqual([])
    await store.putBlobs([comment(mine, 'well said')], { until: 'indexed' })
    const [unread] = await store.unread({ limit: 10 })
    expect(unread).toMatchObject({ path: '0.md', cid: mine.cid })
    if (unread !== undefined) await store.markRead(unread)
    expect(await store.unread({ limit: 10 })).toEqual([])
    await store.reindex()
    expect(await store.unread({ limit: 10 })).toEqual([])
  })

  test('is what comes during a reindex too, and is taken by it before its turn', async () => {
    await store.close()
    {
      await using db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
      // Stored and acknowledged, with nobody there to index it but the job.
      await db.call.blobs.store(await Promise.all(documents(3).map(blobRow)))
      await db.jobs.start.index.reindex(undefined)
      expect(await db.readValue('select count(*) from blobs where state = 0')).toBe(0)
      await db.jobs.start.index.reindex(undefined)
    }
    store = await openPeerStore({ file: folder.file('store.db') })
    expect((await store.unread({ limit: 10 })).map(({ path }) => path)).toEqual(['0.md', '1.md', '2.md'])
  })

  test('stays where something came after what was looked at', async () => {
    const [document] = documents(1)
    if (document === undefined) throw new Error('one was made')
    await store.putBlobs([document], { until: 'indexed' })
    const [seen] = await store.unread({ limit: 10 })
    if (seen === undefined) throw new Error('it is unread')
    await store.putBlobs([comment(document, 'meanwhile')], { until: 'indexed' })
    await store.markRead(seen)
    const [left] = await store.unread({ limit: 10 })
    expect(left).toMatchObject({ path: '0.md' })
    if (left !== undefined) await store.markRead(left)
    expect(await store.unread({ limit: 10 })).toEqual([])
  })
})
