import { read, write } from '@lockkeeper/core/procedures'
import type { Page, PeerRow } from '../types.ts'
import type { PeerNote } from './peer-note.ts'
import { peerQueries } from './queries.ts'

/** Before every time: a part that is not known loses against one that is. */
const never = -1

/** Writes what is known of peers: of status and addresses the newest, whatever order notes come in. */
export const upsertMany = write((tx, notes: readonly PeerNote[]) => {
  let changed = 0
  for (const { id, sighting, addresses, refusedBlobs } of notes) {
    changed += tx.run(peerQueries.upsert, {
      id,
      status: sighting?.status ?? 'disconnected',
      seenAt: sighting?.at ?? never,
      addresses: JSON.stringify(addresses?.list ?? []),
      addressesAt: addresses?.at ?? never,
      refusedBlobs,
    }).changes
  }
  return changed
})

type StoredPeer = Omit<PeerRow, 'addresses'> & { readonly addresses: string }

export const list = read((tx, { limit, after = '' }: Page): PeerRow[] =>
  tx
    .all<StoredPeer>(peerQueries.list, [after, limit])
    .map((row) => ({ ...row, addresses: JSON.parse(row.addresses) as string[] })),
)
