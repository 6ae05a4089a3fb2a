import { indexLimits } from '../limits.ts'

const waitingFor = `
  select blob_id from stashed_blobs where waits_for = ? order by blob_id limit ${indexLimits.wokenAtOnce}`

/** What indexing asks and writes, apart from the procedures so that a test can look at how SQLite goes about it. */
export const indexQueries = {
  /** Those of the first schema are known by where their data lies. */
  next: `
    select b.id, o.id is not null as isOld, b.multihash, ifnull(d.encoding, 0) as encoding, ifnull(d.data, o.bytes) as data
    from blobs b left join blob_data d on d.blob_id = b.id left join old_blobs o on o.id = b.id
    where b.state = 0 order by b.id limit 1`,
  /** The key says which they are: media lie between records, but their rows are small. */
  nextAfter: `
    select b.id, b.state, o.id is not null as isOld, b.multihash, ifnull(d.encoding, 0) as encoding, ifnull(d.data, o.bytes) as data
    from blobs b left join blob_data d on d.blob_id = b.id left join old_blobs o on o.id = b.id
    where b.id > ? and b.codec = 113 order by b.id limit 1`,
  byMultihash: `
    select b.id, b.multihash, ifnull(d.encoding, 0) as encoding, ifnull(d.data, o.bytes) as data
    from blobs b left join blob_data d on d.blob_id = b.id left join old_blobs o on o.id = b.id
    where b.multihash = ? and b.state = 0`,
  countRecords: 'select count(*) from blobs where codec = 113',
  setState: 'update blobs set state = ? where id = ?',
  nextId: 'select id from blobs where state = 0 order by id limit 1',
  setAside: 'update blobs set state = 3 where id = ? and state = 0',

  key: 'select id, own from public_keys where principal = ?',
  insertKey: 'insert into public_keys (principal) values (?)',
  ownKey: `
    insert into public_keys (principal, own) values (?, 1)
    on conflict (principal) do update set own = 1 where own = 0`,

  structural: `
    insert into structural_blobs (blob_id, kind, author_id, resource_id, time) values (?, ?, ?, ?, ?)
    on conflict (blob_id) do nothing`,
  generation: `
    insert into document_generations (resource_id, time, blob_id, title) values (?, ?, ?, ?)
    on conflict do nothing`,
  current: `
    select r.id, r.blob_id as blobId, r.changed_at as time, b.multihash from resources r
    join blobs b on b.id = r.blob_id where r.path = ? and r.author = ?`,
  insertResource: `
    insert into resources (path, author, author_id, blob_id, title, changed_at) values (?, ?, ?, ?, ?, ?)`,
  updateResource: 'update resources set blob_id = ?, title = ?, changed_at = ? where id = ?',
  target: `
    select s.resource_id as resourceId from blobs b join structural_blobs s on s.blob_id = b.id
    where b.multihash = ?`,

  removeAttributes: 'delete from attributes where resource_id = ?',
  attribute: 'insert into attributes (resource_id, key, value) values (?, ?, ?)',
  removeBlobLinks: 'delete from blob_links where source = ?',
  blobLink: 'insert into blob_links (source, kind, target) values (?, ?, ?) on conflict do nothing',
  removeResourceLinks: 'delete from resource_links where source = ?',
  resourceLinks: `
    insert into resource_links (source, author_id, path) select ?, ?, value from json_each(?)`,
  removeText: 'delete from texts where rowid = ?',
  text: 'insert into texts (rowid, title, path, text) values (?, ?, ?, ?)',
  // https://sqlite.org/fts5.html#the_merge_command
  mergeTexts: `insert into texts (texts, rank) values ('merge', ?)`,

  unread: `
    insert into unread (resource_id, blob_id) values (?, ?)
    on conflict (resource_id) do update set blob_id = excluded.blob_id`,
  stash: `
    insert into stashed_blobs (blob_id, waits_for) values (?, ?)
    on conflict (blob_id) do update set waits_for = excluded.waits_for`,
  unstashThis: 'delete from stashed_blobs where blob_id = ?',
  isAwaited: 'select 1 from stashed_blobs where waits_for = ? limit 1',
  /** Those that waited for a blob are to be indexed, each in its turn; no more of them at once than a step has time for. */
  wake: `update blobs set state = 0 where id in (${waitingFor})`,
  waitingFor,
  unstash: `delete from stashed_blobs where blob_id in (${waitingFor})`,
} as const
