import { job, write } from '@lockkeeper/core/procedures'

export interface Peer {
  readonly id: string
  readonly address: string
}

const sql = `insert into peers (id, address) values (?, ?)
             on conflict (id) do update set address = excluded.address`

export const upsert = write((tx, peer: Peer) => tx.run(sql, [peer.id, peer.address]).changes)

export const upsertMany = write((tx, peers: Peer[]) => {
  for (const { id, address } of peers) tx.run(sql, [id, address])
  return peers.length
})

export const reindex = job(function* (step, input: { from: string }) {
  let at = (step.cursor as string | undefined) ?? input.from
  for (;;) {
    const rows = step.tx.all<{ id: string }>('select id from peers where id > ? order by id limit 100', [at])
    const last = rows.at(-1)
    if (last === undefined) return at
    for (const { id } of rows) step.tx.run('insert or replace into peer_index (id) values (?)', [id])
    at = last.id
    yield { cursor: at } // the writer may commit here and let others pass; step.tx is renewed after it
  }
})
