import type { Migration } from '@lockkeeper/core'

const set = 'peers'

/**
 * Peers in two tables. A last-seen time changes every few seconds and is 8 bytes; a list of addresses is 1 to 4 KB and changes
 * once in a hundred sightings: in one row, each sighting would rewrite the list's pages.
 */
export const peerMigrations: readonly Migration[] = [
  {
    set,
    id: 1,
    name: 'addresses-apart',
    sql: `
      alter table peers rename to peers_before;

      -- Times in milliseconds since 1970; -1 is never.
      create table peers (
        id text primary key,
        status text not null,
        seen_at integer not null,
        connected_at integer not null,
        failed_at integer not null,
        failures integer not null, -- since the last connection
        failure text,              -- why the last one failed
        refused_blobs integer not null
      ) strict;

      insert into peers (id, status, seen_at, connected_at, failed_at, failures, failure, refused_blobs)
      select id, status, seen_at,
        iif(status = 'failed', -1, seen_at), iif(status = 'failed', seen_at, -1), status = 'failed', null, refused_blobs
      from peers_before;

      -- What a peer told of itself, or was found at ('own'), and what others say of it ('heard'): the one never replaces the
      -- other.
      create table peer_addresses (
        peer text not null references peers (id) on delete cascade,
        source text not null check (source in ('own', 'heard')),
        at integer not null,
        list text not null check (json_valid(list)), -- always replaced as a whole; last, behind its overflow pages is nothing
        primary key (peer, source)
      ) strict;

      insert into peer_addresses (peer, source, at, list)
      select id, 'own', addresses_at, addresses from peers_before where addresses <> '[]';

      drop table peers_before;

      -- Pages of the peers of one status. A sighting doesn't touch it, a connection made or lost does.
      create index peers_by_status on peers (status, id);

      -- Whom to dial next, in order. Connected peers, whose times change all the while, are not in it.
      create index peers_to_dial on peers (failures, connected_at desc) where status <> 'connected';
    `,
  },
]
