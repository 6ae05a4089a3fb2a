import { pageLimits } from '../limits.ts'

const summary = 'd.cid, d.title, d.path, d.time, lower(hex(d.author)) as author'

/** What is asked of documents, apart from the procedures so that a test can look at how SQLite goes about it. */
export const documentQueries = {
  current: 'select id, cid, time from documents where path = ? and author = ?',
  list: `
    select ${summary} from documents d where (d.path, d.author) > (?, ?)
    order by d.path, d.author limit ?`,
  newestAt: 'select cid from documents where path = ? order by time desc, cid desc limit 1',
  bytes: 'select bytes from blobs where cid = ? and codec = ?',
  atPath: `select ${summary} from documents d where d.path = ? and d.author = ?`,
  byCid: `select ${summary} from documents d where d.cid = ?`,
  /** Paths are looked up at the same author, CIDs at all. */
  backlinks: `
    select ${summary} from documents d where d.id in (
      select l.document_id from links l join documents f on f.id = l.document_id
        where l.target = ? and f.author = ?
      union select document_id from links where target = ?)
    order by d.time desc, d.cid limit ?`,
  /** ORDER BY rank sorts inside FTS5, so that snippets are cut for the hits shown, not for all. */
  search: `
    select ${summary}, snippet(document_texts, -1, char(2), char(3), '…', ${pageLimits.snippetWords}) as snippet
    from document_texts join documents d on d.id = document_texts.rowid
    where document_texts match ? order by rank limit ?`,
} as const
