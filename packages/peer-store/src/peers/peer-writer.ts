import { type Coalescer, coalescer, type Database } from '@lockkeeper/core'
import { peerLimits } from '../limits.ts'
import type { StoreModules } from '../store/modules.ts'
import { mergeNotes, type PeerNote } from './peer-note.ts'

/**
 * Gathers what becomes known of peers, the newest of each, and writes it in the `background` lane. Best effort: nobody
 * waits for it, and what it has no room for is dropped and counted.
 */
export type PeerWriterActor = Coalescer<PeerNote>

/** Spawns the actor `peer-writer` in the database's system. */
export function spawnPeerWriterActor(db: Database<StoreModules>): PeerWriterActor {
  const { itemsMax, ageMsMax, itemsHeldMax } = peerLimits
  return coalescer<PeerNote>(db, {
    name: 'peer-writer',
    key: ({ id }) => id,
    merge: mergeNotes,
    flush: db.procedure.peers.upsertMany,
    lane: 'background',
    overflow: 'drop',
    itemsMax,
    ageMsMax,
    itemsHeldMax,
  })
}
