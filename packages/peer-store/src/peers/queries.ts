const statusColumns = `id, status, max(seen_at, 0) as seenAt, max(connected_at, 0) as connectedAt,
  max(failed_at, 0) as failedAt, failures, failure`

const addressLists = `
  (select list from peer_addresses where peer = peers.id and source = 'own') as own,
  (select list from peer_addresses where peer = peers.id and source = 'heard') as heard`

const rows = `
  select id, status, max(seen_at, 0) as seenAt, refused_blobs as refusedBlobs, ${addressLists} from peers`

/** What is asked of peers, apart from the procedures so that a test can look at how SQLite goes about it. */
export const peerQueries = {
  /** Rows that would not change are not written: most sightings of a calm network say nothing new. */
  upsert: `
    insert into peers (id, status, seen_at, connected_at, failed_at, failures, failure, refused_blobs)
    values (:id, :status, :seenAt, :connectedAt, :failedAt, :failures, :failure, :refusedBlobs)
    on conflict (id) do update set
      status = iif(excluded.seen_at >= seen_at, excluded.status, status),
      seen_at = max(excluded.seen_at, seen_at),
      failures = iif(max(excluded.connected_at, connected_at) >= max(excluded.failed_at, failed_at), 0,
        excluded.failures + iif(excluded.connected_at > failed_at, 0, failures)),
      failure = iif(excluded.failed_at > failed_at, excluded.failure, failure),
      connected_at = max(excluded.connected_at, connected_at),
      failed_at = max(excluded.failed_at, failed_at),
      refused_blobs = refused_blobs + excluded.refused_blobs
    where excluded.seen_at > seen_at
      or (excluded.seen_at = seen_at and excluded.status <> status)
      or excluded.connected_at > connected_at
      or excluded.failed_at > failed_at
      or excluded.refused_blobs > 0`,
  /** A list that is the one stored is not written, but for a new time where the stored one is older by so much. */
  putAddresses: `
    insert into peer_addresses (peer, source, at, list) values (:peer, :source, :at, :list)
    on conflict (peer, source) do update set list = excluded.list, at = excluded.at
    where excluded.at >= at and (excluded.list <> list or excluded.at - at >= :olderByMs)`,
  list: `${rows} where id > ? order by id limit ?`,
  byId: `${rows} where id = ?`,
  statuses: `select ${statusColumns} from peers where id > ? order by id limit ?`,
  statusesOf: `select ${statusColumns} from peers where status = ? and id > ? order by id limit ?`,
  toDial: `
    select id, failures, ${addressLists}
    from peers
    where status <> 'connected'
      and (failures = 0 or failed_at + (:redialMs << min(failures - 1, :doublings)) <= :now)
      and exists (select 1 from peer_addresses where peer = peers.id)
    order by failures, connected_at desc limit :limit`,
  /** A walk through the table, once a start: a millisecond for the most peers met in the field. */
  newest: 'select max(seen_at) from peers',
  lastOfStep: 'select max(id) from (select id from peers where id > ? order by id limit ?)',
  now: `select cast(unixepoch('subsec') * 1000 as integer)`,
  disconnect: `
    update peers set status = 'disconnected'
    where id > :after and id <= :last and status = 'connected' and seen_at < :before`,
  setBack: `
    update peers set
      seen_at = iif(seen_at > :aheadOf, :now, seen_at),
      connected_at = iif(connected_at > :aheadOf, :now, connected_at),
      failed_at = iif(failed_at > :aheadOf, :now, failed_at)
    where id > :after and id <= :last
      and (seen_at > :aheadOf or connected_at > :aheadOf or failed_at > :aheadOf)`,
  setAddressesBack: `
    update peer_addresses set at = :now where peer > :after and peer <= :last and at > :aheadOf`,
  /** A peer whose bad blobs were counted is kept: forgetting it would clear its name. */
  forget: `
    delete from peers
    where id > :after and id <= :last and refused_blobs = 0 and status <> 'connected'
      and max(seen_at, connected_at, failed_at) < :forgetBefore
      and not exists (select 1 from peer_addresses where peer = peers.id and at >= :forgetBefore)`,
} as const
