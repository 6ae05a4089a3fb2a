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
  /** Hears why blobs can't be stored (they are tried again), and with undefined that they can again. */
  readonly onTrouble?: ((trouble: LockkeeperError | undefined) => void) | undefined
}

/**
 * Opens a peer node's store: the database, the peer writer, the domain and the index actor, all in one actor
 * system. The peers are tidied up meanwhile, by a job in small steps.
 *
 * @example
 * await using store = await openPeerStore({ file: 'node.db' })
 * await store.publish([encodeDocument({ title, path, text, links, time: Date.now() }, signer)])
 * const [hit] = await store.search('words in it', { limit: 10 })
 *
 * @throws LockkeeperError with stage `open`, as `openDatabase` does; the file is as it was then.
 */
export async function openPeerStore({
  file,
  inspect,
  ownKey,
  onTrouble,
}: PeerStoreOptions): Promise<PeerStore> {
  const lanes = { background: { sliceMs: indexLimits.sliceMs } }
  const db = await openDatabase({ file, migrations, procedures: modules, lanes, inspect })
  if (ownKey !== undefined) await tellOwnKey(db, ownKey)
  const watch = new FlushWatch(onTrouble)
  const index = spawnIndexActor(db, { watch })
  const peerWriter = new PeerWriter({ host: db, flush: db.procedure.peers.upsertMany })
  const domainWriter = new DomainWriter({ host: db, flush: db.procedure.domains.upsertMany })
  db.jobs.start.peers.tidy({ openedAt: Date.now() })
  return new DatabasePeerStore({ db, index, peerWriter, domainWriter, watch })
}

/** Written once: later a store opens for reading on a full disk too. If that fails, nobody is left holding the file. */
async function tellOwnKey(db: Database<StoreModules>, ownKey: Uint8Array): Promise<void> {
  try {
    if (!(await db.call.index.isOwnKey(ownKey))) await db.call.index.ownKey(ownKey)
  } catch (error) {
    await db.close()
    throw error
  }
}
