import type { PeerRow, PeerStore } from '@lockkeeper/peer-store'
import { networkLimits } from '../limits.ts'

/** A peer that could be dialled. */
export interface KnownPeer {
  readonly id: string
  readonly addresses: readonly string[]
}

/** Reads the store's peer list, within bounds. */
export async function readPeerList(store: PeerStore): Promise<PeerRow[]> {
  const rows: PeerRow[] = []
  while (rows.length < networkLimits.peersListedMax) {
    const page = await store.listPeers({ limit: 500, after: rows.at(-1)?.id })
    if (page.length === 0) break
    rows.push(...page)
  }
  return rows
}

/**
 * Whom to dial: peers with an address, those that answered last time first, of these the ones met most recently.
 * @param excluded peers we are, have or dial already.
 */
export function choosePeers(
  rows: readonly PeerRow[],
  excluded: ReadonlySet<string>,
  count: number,
): KnownPeer[] {
  return rows
    .filter(({ id, addresses }) => addresses.length > 0 && !excluded.has(id))
    .sort((a, b) => Number(a.status === 'failed') - Number(b.status === 'failed') || b.seenAt - a.seenAt)
    .slice(0, Math.max(0, count))
    .map(({ id, addresses }) => ({ id, addresses }))
}
