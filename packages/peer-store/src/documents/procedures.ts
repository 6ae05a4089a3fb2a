import { type ReadTransaction, read } from '@lockkeeper/core/procedures'
import { pageLimits } from '../limits.ts'
import { codecs } from '../records/cid.ts'
import { decodeDocument } from '../records/document-record.ts'
import type { Document, DocumentSummary, Page, SearchHit } from '../types.ts'
import { readCursor } from './cursor.ts'
import { linkTarget } from './link-target.ts'
import { documentQueries } from './queries.ts'
import { searchQuery } from './search-query.ts'

/** Current documents, by path and author. */
export const list = read((tx, { limit, after }: Page) => {
  const { path, author } = readCursor(after)
  return tx.all<DocumentSummary>(documentQueries.list, [path, author, limit])
})

/** A document with what it links to and what links to it. By CID it may be one that was replaced since. */
export const open = read(
  (tx, key: { readonly cid: string } | { readonly path: string }): Document | undefined => {
    const cid = 'cid' in key ? key.cid : tx.value<string>(documentQueries.newestAt, [key.path])
    if (cid === undefined) return undefined
    const blob = tx.first<{ bytes: Uint8Array }>(documentQueries.bytes, [cid, codecs.dagCbor])
    if (blob === undefined) return undefined
    const { title, path, text, links, author, time } = decodeDocument(blob.bytes)
    const backlinks = [`/${path}`, author, cid, pageLimits.backlinksMax] as const
    return {
      cid,
      title,
      path,
      time,
      author: Buffer.from(author).toString('hex'),
      text,
      links,
      linked: linkedFrom(tx, path, author, links),
      backlinks: tx.all<DocumentSummary>(documentQueries.backlinks, backlinks),
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
    if (target === undefined) continue
    const document = target.startsWith('/')
      ? tx.first<DocumentSummary>(documentQueries.atPath, [target.slice(1), author])
      : tx.first<DocumentSummary>(documentQueries.byCid, [target])
    if (document !== undefined) linked.push({ link, document })
  }
  return linked
}

/** Best matches first, by bm25 with titles and paths counting more. */
export const search = read((tx, { text, limit }: { readonly text: string; readonly limit: number }) => {
  const query = searchQuery(text)
  return query === undefined ? [] : tx.all<SearchHit>(documentQueries.search, [query, limit])
})
