// Documents as they are listed, opened and searched, on the real engine. What is read follows from the blobs alone: peers
// that hold the same blobs show the same, in whatever order they came.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { documentCursor } from '../documents/cursor.ts'
import { indexLimits } from '../limits.ts'
import type { DocumentSummary, PeerStore, VerifiedBlob } from '../types.ts'
import { openPeerStore } from './open-peer-store.ts'

let folder: string
let store: PeerStore

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  store = await openPeerStore({ file: join(folder, 'store.db') })
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const put = (blobs: readonly VerifiedBlob[]): Promise<void> => store.putBlobs(blobs, { until: 'indexed' })
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const paths = (documents: readonly DocumentSummary[]): string[] => documents.map(({ path }) => path)

describe('the current document', () => {
  const writer = author()
  const older = documentOf(writer, { path: 'a.md', time: 1, text: 'alpha' })
  const newer = documentOf(writer, { path: 'a.md', time: 2, text: 'beta' })

  test.each([
    ['older first', [older, newer]],
    ['newer first', [newer, older]],
  ])('is the newest of its author at its path: %s', async (_, blobs) => {
    for (const blob of blobs) await put([blob])
    expect(await store.openDocument({ path: 'a.md' })).toMatchObject({ cid: newer.cid, text: 'beta' })
    expect(await store.listDocuments({ limit: 10 })).toHaveLength(1)
    expect(await store.search('beta', { limit: 10 })).toHaveLength(1)
    expect(await store.search('alpha', { limit: 10 })).toEqual([])
    expect(await store.status()).toMatchObject({ documents: 1, blobs: 2 })
  })

  test('is found by the beginning of a text that is longer than anybody writes, and opens whole', async () => {
    const words = 'word '.repeat(indexLimits.textCharactersMax / 5)
    const book = documentOf(writer, { path: 'book.md', time: 1, text: `early ${words} late` })
    await put([book])
    expect(await store.search('early', { limit: 10 })).toHaveLength(1)
    expect(await store.search('late', { limit: 10 })).toEqual([])
    expect((await store.openDocument({ path: 'book.md' }))?.text).toHaveLength(words.length + 11)
  })

  test('is agreed on when two claim the same time', async () => {
    const [one, two] = [{ text: 'one' }, { text: 'two' }].map((draft) =>
      documentOf(writer, { path: 'a.md', time: 7, ...draft }),
    )
    if (one === undefined || two === undefined) throw new Error('two documents were made')
    await put([one, two])
    const first = await store.openDocument({ path: 'a.md' })
    await store.close()
    store = await openPeerStore({ file: join(folder, 'other.db') })
    await put([two])
    await put([one])
    expect((await store.openDocument({ path: 'a.md' }))?.cid).toBe(first?.cid)
  })

  test('leaves those it replaced to be opened by their CID', async () => {
    await put([older, newer])
    expect(await store.openDocument({ cid: older.cid })).toMatchObject({ text: 'alpha', time: 1 })
  })

  test('of another author at the same path is another document; the path opens the newest', async () => {
    const theirs = documentOf(author(), { path: 'a.md', time: 9, text: 'gamma' })
    await put([older, newer, theirs])
    expect(await store.status()).toMatchObject({ documents: 2 })
    expect(await store.openDocument({ path: 'a.md' })).toMatchObject({ text: 'gamma' })
  })
})

describe('the list', () => {
  test('is by path, and pages end anywhere, between two authors at one path too', async () => {
    const authors = [author(), author(), author()]
    const blobs = ['a.md', 'b.md', 'c/d.md'].flatMap((path) =>
      authors.map((one) => documentOf(one, { path })),
    )
    await put(blobs)
    const listed: DocumentSummary[] = []
    for (;;) {
      const last = listed.at(-1)
      const after = last === undefined ? undefined : documentCursor(last)
      const page = await store.listDocuments({ limit: 2, after })
      if (page.length === 0) break
      listed.push(...page)
    }
    const expected = blobs.map(
      ({ document }) => `${document?.path} ${hex(document?.author ?? new Uint8Array())}`,
    )
    expect(listed.map(({ path, author }) => `${path} ${author}`)).toEqual(expected.sort())
  })

  test('goes on after a bare path with the next path', async () => {
    await put(['a.md', 'a/b.md', 'b.md'].map((path) => documentOf(author(), { path })))
    expect(paths(await store.listDocuments({ limit: 10, after: 'a.md' }))).toEqual(['a/b.md', 'b.md'])
  })

  test('never gives more than a page, whatever is asked', async () => {
    await put([documentOf(author(), { path: 'a.md' })])
    for (const limit of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.5]) {
      expect(await store.listDocuments({ limit })).toHaveLength(1)
    }
  })
})

describe('links', () => {
  test('lead to what is here, and back; by path within an author’s documents, by CID between all', async () => {
    const [mine, theirs] = [author(), author()]
    const target = documentOf(mine, { path: 'guides/target.md' })
    const links = [
      'target.md',
      '../guides/target.md#part',
      'absent.md',
      'https://example.org',
      `/ipfs/${target.cid}`,
    ]
    const source = documentOf(mine, { path: 'guides/source.md', links, time: 5 })
    const foreign = documentOf(theirs, { path: 'guides/foreign.md', links: ['target.md'] })
    const citing = documentOf(theirs, { path: 'citing.md', links: [target.cid], time: 4 })
    await put([source, foreign, citing, target])

    const opened = await store.openDocument({ path: 'guides/source.md' })
    expect(opened?.links).toEqual(links)
    expect(opened?.linked.map(({ link, document }) => [link, document.cid])).toEqual(
      [links[0], links[1], links[4]].map((link) => [link, target.cid]),
    )
    const backlinks = (await store.openDocument({ cid: target.cid }))?.backlinks ?? []
    expect(paths(backlinks)).toEqual(['guides/source.md', 'citing.md'])
  })

  test('of whatever characters are no more than links', async () => {
    const odd = [
      'a\0b.md',
      'a\0c.md',
      'a%00b.md',
      '\u{10ffff}.md',
      '"].md',
      "';--.md",
      '\u0001',
      '%ff%fe',
      '\ufffd',
    ]
    await put([documentOf(author(), { path: 'odd.md', links: odd })])
    expect((await store.openDocument({ path: 'odd.md' }))?.links).toEqual(odd)
    expect(store.indexCounts).toMatchObject({ indexed: 1, setAside: 0 })
  })

  test('of a replaced document no longer count', async () => {
    const mine = author()
    const target = documentOf(mine, { path: 'target.md' })
    const linking = documentOf(mine, { path: 'source.md', links: ['target.md'], time: 1 })
    await put([target, linking])
    expect((await store.openDocument({ path: 'target.md' }))?.backlinks).toHaveLength(1)
    await put([documentOf(mine, { path: 'source.md', links: [], time: 2 })])
    expect((await store.openDocument({ path: 'target.md' }))?.backlinks).toEqual([])
  })
})

describe('what is not a document', () => {
  test('is not opened as one', async () => {
    expect(await store.openDocument({ path: 'absent.md' })).toBe(undefined)
    expect(await store.openDocument({ cid: 'no cid' })).toBe(undefined)
  })
})

describe('search', () => {
  test('ranks titles over texts, marks the matches, and completes the last word', async () => {
    const one = author()
    await put([
      documentOf(one, {
        path: 'a.md',
        title: 'Other',
        text: `${'filler '.repeat(50)}checkpoint${' filler'.repeat(50)}`,
      }),
      documentOf(one, { path: 'b.md', title: 'Checkpoint', text: 'short' }),
    ])
    const hits = await store.search('checkpo', { limit: 10 })
    expect(paths(hits)).toEqual(['b.md', 'a.md'])
    expect(hits[1]?.snippet).toContain('filler \u0002checkpoint\u0003 filler')
    expect(hits[1]?.snippet.length).toBeLessThan(400)
  })

  test('finds words across scripts, case and accents', async () => {
    await put([documentOf(author(), { path: 'a.md', text: 'Größe naïve СХЕМА' })])
    for (const query of ['grosse', 'größe', 'NAIVE', 'схема']) {
      expect([query, (await store.search(query, { limit: 1 })).length]).toEqual([
        query,
        query === 'grosse' ? 0 : 1,
      ])
    }
  })

  test('is not fooled by marks in a text: only matches are marked', async () => {
    const text = 'a \u0002forged\u0003 mark beside a genuine match'
    await put([documentOf(author(), { path: 'a.md', text })])
    const [hit] = await store.search('genuine', { limit: 1 })
    const marked = hit?.snippet.split('\u0002').slice(1) ?? []
    expect(marked.map((piece) => piece.split('\u0003')[0])).toEqual(['genuine'])
    expect((await store.openDocument({ path: 'a.md' }))?.text).toBe(text)
  })

  test('takes any text whatever for a query', async () => {
    const seed = Number(process.env.LOCKKEEPER_SEED ?? Date.now() % 2 ** 31)
    await put([documentOf(author(), { path: 'a.md', text: 'AND OR NOT NEAR "quoted" a* ^b col:c {d}' })])
    const syntax = fc.constantFrom(
      '"',
      '*',
      '^',
      ':',
      '(',
      ')',
      '{',
      '}',
      '-',
      '+',
      ' ',
      'NEAR(',
      'AND',
      'OR',
      'NOT',
      '\0',
      'title:',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(syntax, fc.string())).map((parts) => parts.join('')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (query) => {
        expect(Array.isArray(await store.search(query, { limit: 5 }))).toBe(true)
      }),
      { seed, numRuns: 500 },
    )
    console.info(`search text: seed ${seed}`)
    expect(await store.search('OR "quoted" col:c', { limit: 5 })).toHaveLength(1)
  })
})
