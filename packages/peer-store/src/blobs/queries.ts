/** What is asked of blobs, apart from the procedures so that a test can look at how SQLite goes about it. */
export const blobQueries = {
  byCid: 'select cid, bytes from blobs where cid = ?',
  missing: `
    select value as cid from json_each(?)
    where not exists (select 1 from blobs where blobs.cid = json_each.value)`,
  list: 'select cid from blobs where cid > ? order by cid limit ?',
  status: `
    select (select count(*) from documents) as documents, blobs, bytes, (select count(*) from peers) as peers
    from blob_totals`,
} as const
