import { write } from '@lockkeeper/core/procedures'

export interface Seen {
  readonly id: string
  readonly address: string
  /** In seconds. */
  readonly at: number
}

export const upsertMany = write((tx, peers: Seen[]) => {
  const sql = `insert into peers (id, address, at) values (?, ?, ?)
               on conflict (id) do update set address = excluded.address, at = excluded.at`
  for (const { id, address, at } of peers) tx.run(sql, [id, address, at])
  return peers.length
})
