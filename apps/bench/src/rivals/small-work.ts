import type { WorkModule } from './store.ts'

export interface SmallPeer {
  readonly id: string
  /** Must not be empty. */
  readonly addresses: string
}

export interface SmallBlob {
  readonly hash: string
  readonly body: Uint8Array
}

/** The least work by which a pool can be seen to do its own: one row for a peer, one for a blob. */
export const work: WorkModule<SmallPeer, SmallBlob> = {
  tables: `
    create table if not exists peers (id text primary key, addresses text not null check (addresses <> '')) strict;
    create table if not exists known_blobs (id integer primary key, hash text not null unique, body blob not null) strict;`,
  prepare(database) {
    const upsertPeer = database.prepare(
      'insert into peers (id, addresses) values (?, ?) on conflict do update set addresses = excluded.addresses',
    )
    const insertBlob = database.prepare(
      'insert into known_blobs (hash, body) values (?, ?) on conflict do nothing',
    )
    return {
      peer: ({ id, addresses }) => void upsertPeer.run(id, addresses),
      blob: ({ hash, body }) => void insertBlob.run(hash, body),
    }
  },
}
