import { summaryColumns } from '../documents/summary.ts'

const entry = `
  select s.blob_id as position, s.kind, e.multihash as entryMultihash, lower(hex(k.principal)) as signedBy,
    s.time as signedAt, ${summaryColumns}
  from structural_blobs s
    join blobs e on e.id = s.blob_id
    join public_keys k on k.id = s.author_id
    join resources r on r.id = s.resource_id
    join blobs b on b.id = r.blob_id`

const comments = `
  select s.blob_id as position, e.multihash, t.target, x.text, lower(hex(k.principal)) as author, s.time
  from structural_blobs s
    join blobs e on e.id = s.blob_id
    join public_keys k on k.id = s.author_id
    join blob_links t on t.source = s.blob_id and t.kind = 'comment'
    join texts x on x.rowid = s.blob_id`

/** What is asked of the feed, of comments and of unread marks; apart from the procedures so that a test can look at the plans. */
export const feedQueries = {
  /** Newest arrival first. */
  all: `${entry} where s.blob_id < ? order by s.blob_id desc limit ?`,
  byAuthor: `
    ${entry} where s.author_id = (select id from public_keys where principal = ?) and s.blob_id < ?
    order by s.blob_id desc limit ?`,
  /** In order of arrival: an answer may have come before what it answers, and waited. */
  comments: `
    ${comments}
    where s.resource_id = (select id from resources where path = ? and author = ?)
      and s.kind = 'comment' and s.blob_id > ?
    order by s.blob_id limit ?`,
  unread: `
    select u.resource_id as position, u.blob_id as latest, ${summaryColumns}
    from unread u join resources r on r.id = u.resource_id join blobs b on b.id = r.blob_id
    where u.resource_id > ? order by u.resource_id limit ?`,
  /** What came after what somebody looked at stays unread. */
  markRead: `
    delete from unread where resource_id = (select id from resources where path = ? and author = ?) and blob_id <= ?`,
} as const
