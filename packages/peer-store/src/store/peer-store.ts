import { type Database, LockkeeperError, type Report } from '@lockkeeper/core'
import { blobRow } from '../blobs/blob-row.ts'
import type { IndexActor } from '../blobs/index-actor.ts'
import type { DomainWriter } from '../domains/domain-writer.ts'
import { StoredDomains } from '../domains/domains.ts'
import { keyValueLimits, pageLimits } from '../limits.ts'
import type { PeerWriter } from '../peers/peer-writer.ts'
import { StoredPeers } from '../peers/peers.ts'
import { StoredSubscriptions } from '../subscriptions/subscriptions.ts'
import type {
  Blob,
  Document,
  DocumentSummary,
  Page,
  PeerRow,
  PeerSighting,
  PeerStore,
  SearchHit,
  StoreStatus,
  VerifiedBlob,
} from '../types.ts'
import type { FlushWatch } from './flush-watch.ts'
import type { StoreModules } from './modules.ts'
import { bounded, boundedLimit } from './pages.ts'

export interface PeerStoreParts {
  readonly db: Database<StoreModules>
  readonly index: IndexActor
  readonly peerWriter: PeerWriter
  readonly domainWriter: DomainWriter
  readonly watch: FlushWatch
}

/** The store that `openPeerStore` gives out: it bounds what is asked, and passes it on to the actors and the readers. */
export class DatabasePeerStore implements PeerStore {
  readonly #db: Database<StoreModules>
  readonly #index: IndexActor
  readonly #watch: FlushWatch
  readonly peers: StoredPeers
  readonly domains: StoredDomains
  readonly subscriptions: StoredSubscriptions

  constructor({ db, index, peerWriter, domainWriter, watch }: PeerStoreParts) {
    this.#db = db
    this.#index = index
    this.#watch = watch
    this.peers = new StoredPeers(db, peerWriter)
    this.domains = new StoredDomains(db, domainWriter)
    this.subscriptions = new StoredSubscriptions(db)
  }

  get trouble(): LockkeeperError | undefined {
    return this.#watch.trouble
  }

  async putBlobs(blobs: readonly VerifiedBlob[], options?: { readonly signal?: AbortSignal }): Promise<void> {
    await this.#index.putMany(blobs.map(blobRow), options)
  }

  async getBlob(cid: string): Promise<Blob | undefined> {
    const [blob] = await this.#db.call.blobs.byCid([cid])
    return blob
  }

  getBlobs(cids: readonly string[]): Promise<Blob[]> {
    return inParts(cids, pageLimits.blobsReadAtOnce, (part) => this.#db.call.blobs.byCid(part))
  }

  missing(cids: readonly string[]): Promise<string[]> {
    return inParts(cids, pageLimits.lookupItemsMax, (part) => this.#db.call.blobs.missing(part))
  }

  listBlobs(page: Page): Promise<string[]> {
    return this.#db.call.blobs.list(bounded(page))
  }

  sawPeer(peer: PeerSighting): void {
    this.peers.saw(peer)
  }

  refusedBlobs(peerId: string, count: number): void {
    this.peers.refusedBlobs(peerId, count)
  }

  listPeers(page: Page): Promise<PeerRow[]> {
    return this.peers.list(page)
  }

  listDocuments(page: Page): Promise<DocumentSummary[]> {
    return this.#db.call.documents.list(bounded(page))
  }

  openDocument(key: { readonly cid: string } | { readonly path: string }): Promise<Document | undefined> {
    return this.#db.call.documents.open(key)
  }

  search(query: string, { limit }: { readonly limit: number }): Promise<SearchHit[]> {
    const hits = boundedLimit(limit, pageLimits.searchHitsMax)
    return this.#db.call.documents.search({ text: query, limit: hits })
  }

  getValue(key: string): Promise<string | undefined> {
    return this.#db.call.keyValues.get(key)
  }

  async setValue(key: string, value: string): Promise<void> {
    const { keyCharactersMax, valueCharactersMax } = keyValueLimits
    if (key.length > keyCharactersMax || value.length > valueCharactersMax) {
      throw new LockkeeperError(
        `A key has at most ${keyCharactersMax} characters, a value ${valueCharactersMax}; larger ones are blobs`,
        { code: 'invalid-argument', stage: 'admission', outcome: 'not-stored', label: 'keyValues.set' },
      )
    }
    await this.#db.call.keyValues.set({ key, value })
  }

  status(): Promise<StoreStatus> {
    return this.#db.call.blobs.status()
  }

  report(): Report {
    return this.#db.report()
  }

  async close(): Promise<{ readonly notWritten: number }> {
    const { notWritten } = await this.#db.close()
    const inLanes = Object.values(notWritten).reduce((sum, count) => sum + count, 0)
    const actors = [this.#index, this.peers, this.domains]
    return { notWritten: actors.reduce((sum, { counts }) => sum + counts.dropped.closed, inLanes) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Reads many in bounded parts, one after the other, so that no reader is held long and nobody floods the queue. */
async function inParts<Item>(
  asked: readonly string[],
  size: number,
  readPart: (part: readonly string[]) => Promise<Item[]>,
): Promise<Item[]> {
  const found: Item[] = []
  for (let start = 0; start < asked.length; start += size) {
    for (const item of await readPart(asked.slice(start, start + size))) found.push(item)
  }
  return found
}
