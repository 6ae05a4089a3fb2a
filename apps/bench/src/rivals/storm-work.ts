import type { WorkModule } from './store.ts'

export interface StormRow {
  readonly id: string
  /** As JSON. */
  readonly addresses: string
  readonly seenAt: number
}

export const readSetting = 'select value from storm_settings where key = ?'
export const readAddresses = 'select addresses from storm_peers where id = ?'
export const countPeers = 'select count(*) as count from storm_peers'
export const insertSetting = 'insert into storm_settings (key, value) values (?, ?)'

/**
 * What the rivals do for a connect: the peer's row as a whole, as the apps did that they are taken from. No blobs come. Its tables
 * have names of their own, so that they find room beside those of the store.
 */
export const work: WorkModule<StormRow, never> = {
  tables: `
    create table if not exists storm_peers (
      id text primary key,
      status text not null,
      seen_at integer not null,
      addresses text not null
    ) strict;
    create table if not exists storm_settings (key text primary key, value text not null) strict;`,
  prepare(database) {
    const upsert = database.prepare<[string, number, string]>(`
      insert into storm_peers (id, status, seen_at, addresses) values (?, 'connected', ?, ?)
      on conflict (id) do update set status = excluded.status, seen_at = excluded.seen_at, addresses = excluded.addresses`)
    return {
      peer: ({ id, seenAt, addresses }) => void upsert.run(id, seenAt, addresses),
      blob: () => {
        throw new Error('A storm brings no blobs')
      },
    }
  },
}
