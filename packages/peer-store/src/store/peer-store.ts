import { type Database, type Job, LockkeeperError, type Report } from '@lockkeeper/core'
import type { DomainWriter } from '../domains/domain-writer.ts'
import { StoredDomains } from '../domains/domains.ts'
import type { IndexActor, IndexCounts, PutOptions } from '../indexing/index-actor.ts'
import { keyValueLimits, pageLimits } from '../limits.ts'
import type { PeerWriter } from '../peers/peer-writer.ts'
import { StoredPeers } from '../peers/peers.ts'
import { RefusalCounts } from '../records/refusal-counts.ts'
import { StoredSubscriptions } from '../subscriptions/subscriptions.ts'
import type {
  Blob,
  BlobRefusal,
  Comment,
  CommentsPage,
  Document,
  DocumentSummary,
  DocumentVersion,
  FeedEntry,
  FeedPage,
  Page,
  PeerRow,
  PeerSighting,
  PeerStore,
  Place,
  SearchHit,
  StoreStatus,
  UnreadDocument,
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
  readonly #refusals = new RefusalCounts()

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

  get refusals(): Readonly<Record<BlobRefusal, number>> {
    return this.#refusals.counts
  }

  get indexCounts(): IndexCounts {
    return this.#index.counts
  }

  verify(blob: Blob): VerifiedBlob {
    return this.#refusals.verify(blob)
  }

  putBlobs(blobs: readonly VerifiedBlob[], options?: PutOptions): Promise<void> {
    return this.#index.put(blobs, options)
  }

  publish(
    blobs: readonly VerifiedBlob[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    return this.#index.publish(blobs, options)
  }

  indexed(): Promise<void> {
    return this.#index.indexed()
  }

  adopted(): Promise<void> {
    return this.#index.adopted()
  }

  reindex({ id }: { readonly id?: string | undefined } = {}): Job<number> {
    return this.#index.reindex(id)
  }

  async getBlob(cid: string): Promise<Blob | undefined> {
    const [blob] = await this.#db.call.blobs.byCid([cid])
    return blob
  }

  getBlobs(cids: readonly string[]): Promise<Blob[]> {
    return inParts(cids, pageLimits.blobsReadAtOnce, (part) => this.#db.call.blobs.byCid(part))
  }

  missing(cids: readonly string[]): Promise<string[]> {
    return this.#index.missing(cids, (unknown) =>
      inParts(unknown, pageLimits.lookupItemsMax, (part) => this.#db.call.blobs.missing(part)),
    )
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

  recentDocuments(page: Page): Promise<DocumentSummary[]> {
    return this.#db.call.documents.recent(bounded(page))
  }

  documentVersions(place: Place, { limit }: { readonly limit: number }): Promise<DocumentVersion[]> {
    const { path, author } = place
    return this.#db.call.documents.versions({ path, author, limit: boundedLimit(limit, pageLimits.itemsMax) })
  }

  comments(page: CommentsPage): Promise<Comment[]> {
    const limit = boundedLimit(page.limit, pageLimits.feedItemsMax)
    return this.#db.call.feed.comments({ ...page, limit })
  }

  feed(page: FeedPage): Promise<FeedEntry[]> {
    return this.#db.call.feed.list({ ...page, limit: boundedLimit(page.limit, pageLimits.feedItemsMax) })
  }

  unread({
    limit,
    after,
  }: {
    readonly limit: number
    readonly after?: number | undefined
  }): Promise<UnreadDocument[]> {
    return this.#db.call.feed.unread({ limit: boundedLimit(limit, pageLimits.feedItemsMax), after })
  }

  async markRead({ path, author }: Place): Promise<void> {
    await this.#db.call.feed.markRead({ path, author })
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
    const { procedure } = this.#db
    const { notWritten, valuesNotWritten = {} } = await this.#db.close()
    const inLanes = Object.values(notWritten).reduce((sum, count) => sum + count, 0)
    const writers = [procedure.peers.upsertMany, procedure.domains.upsertMany]
    const unwritten = writers.reduce((sum, { name }) => sum + (valuesNotWritten[name] ?? 0), inLanes)
    return { notWritten: unwritten + this.#index.counts.notWritten }
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
