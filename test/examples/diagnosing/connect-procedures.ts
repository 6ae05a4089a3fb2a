import { write } from '@lockkeeper/core/procedures'

export interface Connect {
  readonly peer: string
  readonly at: number
}

export const upsert = 'insert into peers values (?, ?) on conflict (peer) do update set at = excluded.at'

/** Many of them in one transaction: what a coalescer flushes with. */
export const connected = write((tx, connects: Connect[]) => {
  for (const { peer, at } of connects) tx.run(upsert, [peer, at])
})
