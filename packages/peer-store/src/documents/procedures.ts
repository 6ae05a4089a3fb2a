import { type ReadTransaction, read } from '@lockkeeper/core/procedures'
import { decompressed, type EncodedData } from '../blobs/compression.ts'
import { pageLimits } from '../limits.ts'
import { decodeDocument } from '../records/document-record.ts'
import { nameOf } from '../records/multihash.ts'
import type {
  AttributePage,
  Document,
  DocumentKey,
  DocumentSummary,
  DocumentVersion,
  Page,
  Place,
  PlacedDocument,
  RecordKind,
  SearchHit,
} from '../types.ts'
import { readCursor } from './cursor.ts'
import { type HitPosition, hitCursor, readHitCursor } from './hit-cursor.ts'
import { linkTarget } from './link-target.ts'
import { documentQueries } from './queries.ts'
import { readRecentCursor } from './recent-cursor.ts'
import { searchQuery } from './search-query.ts'
import { recordCid, type SummaryRow, summaryOf } from './summary.ts'

/** Current documents, by path and author. */
export const list = read((tx, { limit, after }: Page) => {
  const { path, author } = readCursor(after)
  return tx.all<SummaryRow>(documentQueries.list, [path, author, limit]).map(summaryOf)
})

/** Current documents, those changed last first. */
export const recent = read((tx, { limit, after }: Page) => {
  const { time, path, author } = readRecentCursor(after)
  const id = tx.value<number>(documentQueries.place, [path, author]) ?? 0
  return tx.all<SummaryRow>(documentQueries.recent, [time, id, limit]).map(summaryOf)
})

/** Current documents that say so of themselves. */
export const withAttribute = read((tx, { key, value, limit, after = 0 }: AttributePage) =>
  tx
    .all<SummaryRow & { position: number }>(documentQueries.byAttribute, [key, value, after, limit])
    .map((row): PlacedDocument => ({ ...summaryOf(row), position: row.position })),
)

/** A document with what it links to and what links to it. By CID it may be one that was replaced since. */
export const open = read((tx, key: DocumentKey): Document | undefined => {
  const multihash = multihashAt(tx, key)
  if (multihash === undefined) return undefined
  const stored = tx.first<EncodedData & { resourceId: number }>(documentQueries.data, [multihash])
  if (stored === undefined) return undefined
  const { title, path, text, links, attributes, author, time } = decodeDocument(decompressed(stored))
  return {
    cid: recordCid(multihash),
    title,
    path,
    time,
    author: Buffer.from(author).toString('hex'),
    text,
    links,
    attributes: attributes ?? {},
    linked: linkedFrom(tx, path, author, links),
    backlinks: backlinksTo(tx, stored.resourceId, { limit: pageLimits.backlinksMax }),
  }
})

/** Current documents that link to a document, or to any version of it, those changed last first. */
export const backlinks = read((tx, { key, page }: { readonly key: DocumentKey; readonly page: Page }) => {
  const multihash = multihashAt(tx, key)
  const resource =
    multihash === undefined ? undefined : tx.value<number>(documentQueries.resourceOf, [multihash])
  return resource === undefined ? [] : backlinksTo(tx, resource, page)
})

function multihashAt(tx: ReadTransaction, key: DocumentKey): Uint8Array | undefined {
  if ('cid' in key) return nameOf(key.cid)?.multihash
  return tx.value<Uint8Array>(documentQueries.newestAt, [key.path])
}

function backlinksTo(tx: ReadTransaction, resource: number, { limit, after }: Page): DocumentSummary[] {
  const { time, path, author } = readRecentCursor(after)
  const id = tx.value<number>(documentQueries.place, [path, author]) ?? 0
  return tx.all<SummaryRow>(documentQueries.backlinks, { resource, time, id, limit }).map(summaryOf)
}

/** The documents that are here of those it links to, with each link as it is written. */
function linkedFrom(
  tx: ReadTransaction,
  path: string,
  author: Uint8Array,
  links: readonly string[],
): Document['linked'] {
  const linked: { link: string; document: DocumentSummary }[] = []
  for (const link of [...new Set(links)].slice(0, pageLimits.linkedMax)) {
    const target = linkTarget(path, link)
    const row = target === undefined ? undefined : rowAt(tx, target, author)
    if (row !== undefined) linked.push({ link, document: summaryOf(row) })
  }
  return linked
}

function rowAt(tx: ReadTransaction, target: string, author: Uint8Array): SummaryRow | undefined {
  if (target.startsWith('/')) return tx.first<SummaryRow>(documentQueries.atPath, [target.slice(1), author])
  const name = nameOf(target)
  return name === undefined ? undefined : tx.first<SummaryRow>(documentQueries.byMultihash, [name.multihash])
}

/** The versions of a document that are here, newest first. */
export const versions = read((tx, { path, author, limit, after }: Place & Page): DocumentVersion[] => {
  const before = versionAt(tx, after)
  if (before === undefined) return []
  return tx
    .all<{ multihash: Uint8Array; title: string; time: number }>(documentQueries.generations, [
      path,
      Buffer.from(author, 'hex'),
      before.time,
      before.multihash,
      limit,
    ])
    .map(({ multihash, title, time }) => ({ cid: recordCid(multihash), title, time }))
})

/** Where a page of versions begins; undefined if nothing is known of the version that it is to go on after. */
function versionAt(
  tx: ReadTransaction,
  after: string | undefined,
): { readonly time: number; readonly multihash: Uint8Array } | undefined {
  if (after === undefined) return { time: Number.POSITIVE_INFINITY, multihash: new Uint8Array() }
  const multihash = nameOf(after)?.multihash
  const time =
    multihash === undefined ? undefined : tx.value<number>(documentQueries.versionTime, [multihash])
  return multihash === undefined || time === undefined ? undefined : { time, multihash }
}

interface HitRow extends SummaryRow {
  readonly id: number
  readonly kind: RecordKind
  readonly foundMultihash: Uint8Array
  readonly snippet: string
}

/** Best matches first, by bm25 with titles and paths counting more. */
export const search = read((tx, { text, limit, after }: { readonly text: string } & Page): SearchHit[] => {
  const query = searchQuery(text)
  if (query === undefined) return []
  const from = readHitCursor(after)
  const hits = tx.all<HitPosition>(documentQueries.hits, [query, from.score, from.id, limit])
  const shown = tx.all<HitRow>(documentQueries.shown, [query, JSON.stringify(hits.map(({ id }) => id))])
  const rows = new Map(shown.map((row) => [row.id, row]))
  return hits.flatMap((hit) => {
    const row = rows.get(hit.id)
    return row === undefined ? [] : [hitOf(row, hit)]
  })
})

function hitOf(row: HitRow, position: HitPosition): SearchHit {
  return {
    ...summaryOf(row),
    found: { kind: row.kind, cid: recordCid(row.foundMultihash) },
    snippet: row.snippet,
    position: hitCursor(position),
  }
}
