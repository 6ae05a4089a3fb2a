import type { WorkModule } from './store.ts'

export interface StormRow {
  readonly id: string
  /** As JSON. */
  readonly addresses: string
  readonly seenAt: number
}

export const readSetting = 'select value from key_values where key = ?'
export const readAddresses = 'select addresses from peers where id = ?'
export const countPeers = 'select count(*) as count from peers'
export const insertSetting = 'insert into key_values (key, value) values (?, ?)'

/** What the rivals do for a connect: the peer's row as a whole, as the apps did that they are taken from. No blobs come. */
export const work: WorkModule<StormRow, never> = {
  tables: `
    create table if not exists peers (
      id text primary key,
      status text not null,
      seen_at integer not null,
      addresses text not null
    ) strict;
    create table if not exists key_values (key text primary key, value text not null) strict;`,
  prepare(database) {
    const upsert = database.prepare<[string, number, string]>(`
      insert into peers (id, status, seen_at, addresses) values (?, 'connected', ?, ?)
      on conflict (id) do update set status = excluded.status, seen_at = excluded.seen_at, addresses = excluded.addresses`)
    return {
      peer: ({ id, seenAt, addresses }) => void upsert.run(id, seenAt, addresses),
      blob: () => {
        throw new Error('A storm brings no blobs')
      },
    }
  },
}
