import type { Database } from '@lockkeeper/core'
import { peerLimits } from '../limits.ts'
import type { StoreModules } from '../store/modules.ts'
import { bounded, boundedLimit } from '../store/pages.ts'
import type { Page } from '../types.ts'
import type { PeerWriter } from './peer-writer.ts'
import type {
  PeerHearsay,
  PeerRow,
  PeerSighting,
  PeerStatus,
  PeerStatusRow,
  PeerToDial,
  PeerWriterCounts,
} from './types.ts'

/** A store's peers. Reports return at once and never throw; reads run on Lockkeeper's readers. */
export interface Peers {
  /**
   * Notes that a peer was met, has gone, or could not be reached. A new list of addresses or status is written at once, the
   * time at most every 15 s, and what says nothing new not at all.
   */
  saw(sighting: PeerSighting): void
  /** Notes a list of peers as another told it, 2,000 rows at most. What was seen of a peer here goes before what is heard. */
  heardOf(rows: readonly PeerHearsay[], heardAt: number): void
  /** Notes blobs from a peer that were refused. */
  refusedBlobs(id: string, count: number): void
  /** What is not stored yet of a peer, for a read's `after`. */
  pending(id: string): ReturnType<PeerWriter['pending']>
  /** Writes what was reported until now. @throws LockkeeperError if any of it was given up. */
  flush(): Promise<void>

  /** By id, with addresses. */
  list(page: Page): Promise<PeerRow[]>
  /** One peer, with all that was reported of it until now. */
  find(id: string): Promise<PeerRow | undefined>
  /** By id, without addresses: all peers, or those of one status. */
  statuses(page: Page & { readonly status?: PeerStatus | undefined }): Promise<PeerStatusRow[]>
  /**
   * Whom to dial next, at most 100: peers that are not connected and have addresses, those that failed least first, of these
   * the last connected. One that failed is left alone for 15 s, twice as long with each further failure, up to an hour.
   * @param now milliseconds since 1970; the present if left out.
   */
  toDial(asked: { readonly limit: number; readonly now?: number | undefined }): Promise<PeerToDial[]>

  readonly counts: PeerWriterCounts
}

export class StoredPeers implements Peers {
  readonly #db: Pick<Database<StoreModules>, 'call'>
  readonly #writer: PeerWriter

  constructor(db: Pick<Database<StoreModules>, 'call'>, writer: PeerWriter) {
    this.#db = db
    this.#writer = writer
  }

  saw(sighting: PeerSighting): void {
    this.#writer.sawPeer(sighting)
  }

  heardOf(rows: readonly PeerHearsay[], heardAt: number): void {
    this.#writer.heardOfPeers(rows, heardAt)
  }

  refusedBlobs(id: string, count: number): void {
    this.#writer.refusedBlobs(id, count)
  }

  pending(id: string): ReturnType<PeerWriter['pending']> {
    return this.#writer.pending(id)
  }

  flush(): Promise<void> {
    return this.#writer.flush()
  }

  list(page: Page): Promise<PeerRow[]> {
    return this.#db.call.peers.list(bounded(page))
  }

  find(id: string): Promise<PeerRow | undefined> {
    return this.#db.call.peers.byId(id, { after: this.#writer.pending(id) })
  }

  statuses(page: Page & { readonly status?: PeerStatus | undefined }): Promise<PeerStatusRow[]> {
    return this.#db.call.peers.statuses({ ...bounded(page), status: page.status })
  }

  toDial(asked: { readonly limit: number; readonly now?: number | undefined }): Promise<PeerToDial[]> {
    const limit = boundedLimit(asked.limit, peerLimits.toDialMax)
    return this.#db.call.peers.toDial({ limit, now: asked.now ?? Date.now() })
  }

  get counts(): PeerWriterCounts {
    return this.#writer.counts
  }
}
