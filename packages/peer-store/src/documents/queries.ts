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
  byAttribute: `
    select ${summaryColumns}, r.id as position from attributes a
      join resources r on r.id = a.resource_id join blobs b on b.id = r.blob_id
    where a.key = ? and a.value = ? and a.resource_id > ? order by a.resource_id limit ?`,
  newestAt: `
    select b.multihash from resources r join blobs b on b.id = r.blob_id
    where r.path = ? order by r.changed_at desc, r.author desc limit 1`,
  data: `
    select b.id, ifnull(d.encoding, 0) as encoding, ifnull(d.data, o.bytes) as data, s.resource_id as resourceId
    from blobs b left join blob_data d on d.blob_id = b.id left join old_blobs o on o.id = b.id
    join structural_blobs s on s.blob_id = b.id
    where b.multihash = ? and s.kind = 'document'`,
  atPath: `${fromResources} where r.path = ? and r.author = ?`,
  /** The very version that a CID names, which may have been replaced since. */
  byMultihash: `
    select b.multihash, g.title, r.path, g.time, lower(hex(r.author)) as author
    from blobs b
      join structural_blobs s on s.blob_id = b.id and s.kind = 'document'
      join resources r on r.id = s.resource_id
      join document_generations g on g.resource_id = r.id and g.time = s.time and g.blob_id = b.id
    where b.multihash = ?`,
  resourceOf: `
    select s.resource_id from blobs b join structural_blobs s on s.blob_id = b.id
    where b.multihash = ? and s.kind = 'document'`,
  /** Only what current documents link to counts: by path to places at the same author, by CID to any version of whatever it names. */
  backlinks: `
    ${fromResources}
    where r.blob_id in (
        select l.source from resources p
          join resource_links l on l.author_id = p.author_id and l.path = p.path where p.id = :resource
        union select l.source from document_generations g join blobs v on v.id = g.blob_id
          join blob_links l on l.target = v.multihash and l.kind = 'link' where g.resource_id = :resource)
      and r.id <> :resource and (+r.changed_at, r.id) < (:time, :id)
    order by +r.changed_at desc, r.id desc limit :limit`,
  /**
   * A page of matches, best first. Apart from what is shown of them: snippets are cut for the hits of the page alone, and equal ranks
   * have one order, which FTS5's own ORDER BY rank does not promise.
   */
  hits: `
    with matches as materialized (select rowid as id, rank as score from texts where texts match ?)
    select id, score from matches where (score, id) > (?, ?) order by score, id limit ?`,
  /** The sign before rowid keeps FTS5 from looking the words up again for each hit. */
  shown: `
    select texts.rowid as id, ${summaryColumns}, s.kind, f.multihash as foundMultihash,
      snippet(texts, -1, char(2), char(3), '…', ${pageLimits.snippetWords}) as snippet
    from texts
      join structural_blobs s on s.blob_id = texts.rowid
      join blobs f on f.id = s.blob_id
      join resources r on r.id = s.resource_id
      join blobs b on b.id = r.blob_id
    where texts match ? and +texts.rowid in (select value from json_each(?))`,
  /** Of two with the same time the greater multihash is the newer one, at every peer. */
  generations: `
    select b.multihash, g.title, g.time from document_generations g
    join blobs b on b.id = g.blob_id
    where g.resource_id = (select id from resources where path = ? and author = ?)
      and (g.time, b.multihash) < (?, ?)
    order by g.time desc, b.multihash desc limit ?`,
  versionTime: 'select s.time from blobs b join structural_blobs s on s.blob_id = b.id where b.multihash = ?',
} as const
