import { type Database, type LockkeeperError, type OpenOptions, openDatabase } from '@lockkeeper/core'
import { DomainWriter } from '../domains/domain-writer.ts'
import { spawnIndexActor } from '../indexing/index-actor.ts'
import { indexLimits } from '../limits.ts'
import { PeerWriter } from '../peers/peer-writer.ts'
import { migrations } from '../schema/migrations.ts'
import type { PeerStore } from '../types.ts'
import { FlushWatch } from './flush-watch.ts'
import { modules, type StoreModules } from './modules.ts'
import { DatabasePeerStore } from './peer-store.ts'

export interface PeerStoreOptions {
  /** Path of the database file. It is made unless it exists; its folder must exist. */
  readonly file: string
  /** XState's inspect, handed to every actor. */
  readonly inspect?: OpenOptions['inspect']
  /** This node's own public key: what it signs is never unread. */
  readonly ownKey?: Uint8Array | undefined
  /** The clock that reports of peers and domains are timed by, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
  /** Hears why blobs can't be stored (they are tried again), and with undefined that they can again. */
  readonly onTrouble?: ((trouble: LockkeeperError | undefined) => void) | undefined
}

/**
 * Opens a peer node's store: the database, the peer writer, the domain and the index actor, all in one actor
 * system. Peers and domains are tidied up meanwhile, in small steps.
 *
 * @example
 * await using store = await openPeerStore({ file: 'node.db' })
 * await store.publish([encodeDocument({ title, path, text, links, time: Date.now() }, signer)])
 * const [hit] = await store.search('words in it', { limit: 10 })
 *
 * @throws LockkeeperError with stage `open`, as `openDatabase` does; the file is as it was then. Or why this node’s own key could
 * not be noted; the file is closed again.
 */
export async function openPeerStore({
  file,
  inspect,
  ownKey,
  now = Date.now,
  onTrouble,
}: PeerStoreOptions): Promise<PeerStore> {
  const lanes = { background: { sliceMs: indexLimits.sliceMs } }
  const db = await openDatabase({ file, migrations, procedures: modules, lanes, inspect })
  try {
    if (ownKey !== undefined) await tellOwnKey(db, ownKey)
    const newestBefore = await db.call.peers.newest()
    const openedAt = now()
    db.jobs.start.peers.tidy({ openedAt, newestBefore })
    void db.call.domains.setBack(openedAt, { lane: 'background' }).outcome()
  } catch (error) {
    await db.close() // or nobody could try again: the file stays claimed
    throw error
  }
  const watch = new FlushWatch(onTrouble)
  const index = spawnIndexActor(db, { watch })
  const peerWriter = new PeerWriter({ host: db, flush: db.procedure.peers.upsertMany, now })
  const domainWriter = new DomainWriter({ host: db, flush: db.procedure.domains.upsertMany })
  return new DatabasePeerStore({ db, index, peerWriter, domainWriter, watch })
}

/** Written once: later a store opens for reading on a full disk too. */
async function tellOwnKey(db: Database<StoreModules>, ownKey: Uint8Array): Promise<void> {
  if (!(await db.call.index.isOwnKey(ownKey))) await db.call.index.ownKey(ownKey)
}
