import { pageLimits } from '../limits.ts'
import { summaryColumns } from './summary.ts'

const fromResources = `select ${summaryColumns} from resources r join blobs b on b.id = r.blob_id`

/** What is asked of documents, apart from the procedures so that a test can look at how SQLite goes about it. */
export const documentQueries = {
  list: `${fromResources} where (r.path, r.author) > (?, ?) order by r.path, r.author limit ?`,
  /** Newest first. */
  recent: `
    ${fromResources} where (r.changed_at, r.id) < (?, ?) order by r.changed_at desc, r.id desc limit ?`,
  /** Where a page by recent change goes on: by place, since a document's time changes with it. */
  place: 'select id from resources where path = ? and author = ?',
  newestAt: `
    select b.multihash from resources r join blobs b on b.id = r.blob_id
    where r.path = ? order by r.changed_at desc, r.author desc limit 1`,
  data: `
    select b.id, ifnull(d.encoding, 0) as encoding, ifnull(d.data, o.bytes) as data, s.resource_id as resourceId
    from blobs b left join blob_data d on d.blob_id = b.id left join old_blobs o on o.id = b.id
    join structural_blobs s on s.blob_id = b.id
    where b.multihash = ? and s.kind = 'document'`,
  atPath: `${fromResources} where r.path = ? and r.author = ?`,
  byMultihash: `${fromResources} where b.multihash = ?`,
  /** Only current documents count. Paths lead to places at the same author, CIDs to whatever they name. */
  backlinks: `
    ${fromResources} where r.blob_id in (
      select l.source from resource_links l join public_keys k on k.id = l.author_id
        where k.principal = ? and l.path = ?
      union select source from blob_links where target = ? and kind = 'link')
    order by r.changed_at desc, r.id limit ?`,
  /** ORDER BY rank sorts inside FTS5, so that snippets are cut for the hits shown, not for all. */
  search: `
    select ${summaryColumns}, s.kind, f.multihash as foundMultihash,
      snippet(texts, -1, char(2), char(3), '…', ${pageLimits.snippetWords}) as snippet
    from texts
      join structural_blobs s on s.blob_id = texts.rowid
      join blobs f on f.id = s.blob_id
      join resources r on r.id = s.resource_id
      join blobs b on b.id = r.blob_id
    where texts match ? order by rank limit ?`,
  generations: `
    select b.multihash, g.title, g.time from document_generations g
    join blobs b on b.id = g.blob_id
    where g.resource_id = (select id from resources where path = ? and author = ?)
    order by g.time desc, g.blob_id desc limit ?`,
} as const
