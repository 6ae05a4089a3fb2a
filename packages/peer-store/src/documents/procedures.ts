import { type ReadTransaction, read } from '@lockkeeper/core/procedures'
import { decompressed, type EncodedData } from '../blobs/compression.ts'
import { pageLimits } from '../limits.ts'
import { decodeDocument } from '../records/document-record.ts'
import { nameOf } from '../records/multihash.ts'
import type { Document, DocumentSummary, DocumentVersion, Page, RecordKind, SearchHit } from '../types.ts'
import { readCursor } from './cursor.ts'
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

/** A document with what it links to and what links to it. By CID it may be one that was replaced since. */
export const open = read(
  (tx, key: { readonly cid: string } | { readonly path: string }): Document | undefined => {
    const multihash =
      'cid' in key ? nameOf(key.cid)?.multihash : tx.value<Uint8Array>(documentQueries.newestAt, [key.path])
    if (multihash === undefined) return undefined
    const stored = tx.first<EncodedData>(documentQueries.data, [multihash])
    if (stored === undefined) return undefined
    const { title, path, text, links, attributes, author, time } = decodeDocument(decompressed(stored))
    const backlinks = [author, path, multihash, pageLimits.backlinksMax] as const
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
      backlinks: tx.all<SummaryRow>(documentQueries.backlinks, backlinks).map(summaryOf),
    }
  },
)

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
export const versions = read(
  (tx, { path, author, limit }: { readonly path: string; readonly author: string; readonly limit: number }) =>
    tx
      .all<{ multihash: Uint8Array; title: string; time: number }>(documentQueries.generations, [
        path,
        Buffer.from(author, 'hex'),
        limit,
      ])
      .map(({ multihash, title, time }): DocumentVersion => ({ cid: recordCid(multihash), title, time })),
)

interface HitRow extends SummaryRow {
  readonly kind: RecordKind
  readonly foundMultihash: Uint8Array
  readonly snippet: string
}

/** Best matches first, by bm25 with titles and paths counting more. */
export const search = read((tx, { text, limit }: { readonly text: string; readonly limit: number }) => {
  const query = searchQuery(text)
  if (query === undefined) return []
  return tx.all<HitRow>(documentQueries.search, [query, limit]).map(
    (row): SearchHit => ({
      ...summaryOf(row),
      found: { kind: row.kind, cid: recordCid(row.foundMultihash) },
      snippet: row.snippet,
    }),
  )
})
