/** What is asked of blobs, apart from the procedures so that a test can look at how SQLite goes about it. */
export const blobQueries = {
  insert: `
    insert into blobs (multihash, codec, size, state) values (?, ?, ?, ?)
    on conflict (multihash) do nothing`,
  insertData: 'insert into blob_data (blob_id, encoding, data) values (?, ?, ?)',
  /** The same bytes under a name that says more of them. */
  upgrade: 'update blobs set codec = ?, state = 0 where multihash = ? and codec <> ?',
  addTotals: 'update blob_totals set blobs = blobs + ?, bytes = bytes + ?',
  codec: 'select codec from blobs where multihash = ?',
  /** Data that the first schema stored lies in its own table until it is moved. */
  data: `
    select ifnull(d.encoding, 0) as encoding, ifnull(d.data, o.bytes) as data
    from blobs b left join blob_data d on d.blob_id = b.id left join old_blobs o on o.id = b.id
    where b.multihash = ?`,
  list: 'select multihash, codec from blobs where multihash > ? order by multihash limit ?',
  names: 'select id, multihash, codec from blobs where id > ? order by id limit ?',
  oldest: 'select id, length(bytes) as size from old_blobs order by id limit 1',
  move: 'insert into blob_data (blob_id, encoding, data) select id, 0, bytes from old_blobs where id = ?',
  /** One of two names of the same bytes has no row of its own any more. */
  hasPlace: `
    select exists (select 1 from blobs where id = :id)
      and not exists (select 1 from blob_data where blob_id = :id)`,
  removeOld: 'delete from old_blobs where id = ?',
  countOld: 'select count(*) from old_blobs',
  status: `
    select (select count(*) from resources) as documents, blobs, bytes, (select count(*) from peers) as peers,
      (select count(*) from blobs where state = 0) as toIndex, (select count(*) from stashed_blobs) as waiting
    from blob_totals`,
} as const
