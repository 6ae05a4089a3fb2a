// Pages of what people look through, on the real engine: each list is bounded, and its pages together are the list, nothing twice
// and nothing left out, where many items are alike in what they are ordered by.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { recentCursor } from '../documents/recent-cursor.ts'
import { encodeDocument } from '../records/document-record.ts'
import type { PeerStore, VerifiedBlob } from '../types.ts'
import { openPeerStore } from './open-peer-store.ts'

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

const put = (blobs: readonly VerifiedBlob[]): Promise<void> => store.putBlobs(blobs, { until: 'indexed' })
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const writer = author()

async function pages<Item, Cursor>(
  page: (after: Cursor | undefined) => Promise<Item[]>,
  cursorOf: (last: Item) => Cursor,
): Promise<Item[]> {
  const all: Item[] = []
  for (let after: Cursor | undefined; ; ) {
    const items = await page(after)
    const last = items.at(-1)
    if (last === undefined) return all
    all.push(...items)
    after = cursorOf(last)
  }
}

describe('pages of a search', () => {
  test('hold every hit once, best first, of equal ranks too', async () => {
    const alike = Array.from({ length: 25 }, (_, at) =>
      documentOf(writer, { path: `${10 + at}.md`, title: 'Same', text: 'zebra among words' }),
    )
    await put([...alike, documentOf(writer, { path: '99.md', title: 'Zebra', text: 'one' })])
    const hits = await pages(
      (after: string | undefined) => store.search('zeb', { limit: 4, after }),
      ({ position }) => position,
    )
    expect(hits[0]?.path).toBe('99.md')
    expect(hits.map(({ path }) => path).sort()).toEqual([...alike.map((_, at) => `${10 + at}.md`), '99.md'])
    expect(hits.slice(1).every(({ snippet }) => snippet === '\u0002zebra\u0003 among words')).toBe(true)
    expect(await store.search('zeb', { limit: 100 })).toEqual(hits)
  })

  test('end after a cursor that was never given out', async () => {
    await put([documentOf(writer, { path: 'a.md', text: 'zebra' })])
    expect(await store.search('zebra', { limit: 4, after: 'nonsense' })).toEqual([])
  })
})

test('pages by recent change hold every document once, those of one time and of the last there is too', async () => {
  const times = [5, 5, 5, 5, 5, 7, Number.MAX_SAFE_INTEGER, 1]
  await put(times.map((time, at) => documentOf(writer, { path: `${at}.md`, time })))
  const recent = await pages((after) => store.recentDocuments({ limit: 2, after }), recentCursor)
  expect(recent.map(({ time }) => time)).toEqual(times.toSorted((one, other) => other - one))
  expect(new Set(recent.map(({ path }) => path)).size).toBe(times.length)
})

describe('backlinks', () => {
  test('come in pages, of which the document shows the first', async () => {
    const target = documentOf(writer, { path: 'target.md' })
    const sources = Array.from({ length: 9 }, (_, at) =>
      documentOf(writer, {
        path: `${at}.md`,
        links: at % 2 === 0 ? ['target.md'] : [target.cid],
        time: 4 + (at % 3),
      }),
    )
    await put([target, ...sources])
    const key = { path: 'target.md' }
    const linking = await pages((after) => store.backlinks(key, { limit: 2, after }), recentCursor)
    expect(linking.map(({ path }) => path).sort()).toEqual(sources.map((_, at) => `${at}.md`))
    expect(linking).toEqual((await store.openDocument(key))?.backlinks)
    expect(await store.backlinks({ path: 'absent.md' }, { limit: 2 })).toEqual([])
  })

  test('lead to a document from links to any of its versions, and never from itself', async () => {
    const older = documentOf(writer, { path: 'target.md', time: 1 })
    const newer = documentOf(writer, { path: 'target.md', time: 2, links: [older.cid] })
    const citing = documentOf(author(), { path: 'citing.md', links: [older.cid] })
    await put([older, newer, citing])
    for (const key of [{ path: 'target.md' }, { cid: older.cid }, { cid: newer.cid }]) {
      expect((await store.openDocument(key))?.backlinks.map(({ cid }) => cid)).toEqual([citing.cid])
    }
  })

  test('never come from a version that was replaced', async () => {
    const target = documentOf(writer, { path: 'target.md' })
    await put([
      target,
      documentOf(writer, { path: 'source.md', links: [target.cid, 'target.md'], time: 1 }),
      documentOf(writer, { path: 'source.md', time: 2 }),
    ])
    expect((await store.openDocument({ path: 'target.md' }))?.backlinks).toEqual([])
  })
})

test('a link to a version that was replaced leads to that version', async () => {
  const older = documentOf(writer, { path: 'target.md', title: 'Older', time: 1 })
  const citing = documentOf(author(), { path: 'citing.md', links: [older.cid] })
  await put([older, documentOf(writer, { path: 'target.md', title: 'Newer', time: 2 }), citing])
  const linked = (await store.openDocument({ path: 'citing.md' }))?.linked
  expect(linked?.map(({ document }) => document)).toMatchObject([{ cid: older.cid, title: 'Older', time: 1 }])
})

test('versions come in pages, newest first, and of one time in the order that makes one of them the current', async () => {
  const versions = Array.from({ length: 9 }, (_, at) =>
    documentOf(writer, { path: 'a.md', text: `${at}`, time: at < 7 ? 5 : at }),
  )
  await put(versions)
  const place = { path: 'a.md', author: hex(writer.publicKey) }
  const listed = await pages(
    (after: string | undefined) => store.documentVersions(place, { limit: 2, after }),
    ({ cid }) => cid,
  )
  expect(listed.map(({ time }) => time)).toEqual([8, 7, 5, 5, 5, 5, 5, 5, 5])
  expect(new Set(listed.map(({ cid }) => cid)).size).toBe(versions.length)
  await store.close()
  store = await openPeerStore({ file: folder.file('other.db') })
  await put(versions.slice(0, 7))
  const [first] = await store.documentVersions(place, { limit: 1 })
  expect(first?.cid).toBe((await store.openDocument({ path: 'a.md' }))?.cid)
})

test('documents by attribute come in pages, as their newest versions say', async () => {
  const said = (path: string, time: number, attributes: Record<string, string>): VerifiedBlob =>
    encodeDocument({ path, title: path, text: '', links: [], time, attributes }, writer)
  await put([
    ...Array.from({ length: 5 }, (_, at) => said(`${at}.md`, 1, { lang: 'en', at: `${at}` })),
    said('3.md', 2, { lang: 'de' }),
    said('4.md', 0, { lang: 'de' }),
  ])
  const english = await pages(
    (after: number | undefined) => store.documentsWith({ key: 'lang', value: 'en', limit: 2, after }),
    ({ position }) => position,
  )
  expect(english.map(({ path }) => path).sort()).toEqual(['0.md', '1.md', '2.md', '4.md'])
  expect(await store.documentsWith({ key: 'lang', value: 'fr', limit: 2 })).toEqual([])
})
