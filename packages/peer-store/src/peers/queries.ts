/** What is asked of peers, apart from the procedures so that a test can look at how SQLite goes about it. */
export const peerQueries = {
  /** Rows that would not change are not written: most sightings of a calm network say nothing new. */
  upsert: `
    insert into peers (id, status, seen_at, addresses, addresses_at, refused_blobs)
    values (:id, :status, :seenAt, :addresses, :addressesAt, :refusedBlobs)
    on conflict (id) do update set
      status = iif(excluded.seen_at >= seen_at, excluded.status, status),
      seen_at = max(excluded.seen_at, seen_at),
      addresses = iif(excluded.addresses_at >= addresses_at, excluded.addresses, addresses),
      addresses_at = max(excluded.addresses_at, addresses_at),
      refused_blobs = refused_blobs + excluded.refused_blobs
    where excluded.seen_at > seen_at
      or (excluded.seen_at = seen_at and excluded.status <> status)
      or (excluded.addresses_at >= addresses_at and excluded.addresses <> addresses)
      or excluded.refused_blobs > 0`,
  list: `
    select id, status, max(seen_at, 0) as seenAt, addresses, refused_blobs as refusedBlobs
    from peers where id > ? order by id limit ?`,
} as const
