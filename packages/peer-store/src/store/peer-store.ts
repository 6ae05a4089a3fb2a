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
  AttributePage,
  Blob,
  BlobRefusal,
  Comment,
  CommentsPage,
  Document,
  DocumentKey,
  DocumentSummary,
  DocumentVersion,
  FeedEntry,
  FeedPage,
  Page,
  PeerRow,
  PeerSighting,
  PeerStore,
  Place,
  PlacedDocument,
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

  documentsWith(page: AttributePage): Promise<PlacedDocument[]> {
    return this.#db.call.documents.withAttribute({
      ...page,
      limit: boundedLimit(page.limit, pageLimits.itemsMax),
    })
  }

  documentVersions({ path, author }: Place, page: Page): Promise<DocumentVersion[]> {
    return this.#db.call.documents.versions({ path, author, ...bounded(page) })
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

  async markRead({ path, author, latest }: Parameters<PeerStore['markRead']>[0]): Promise<void> {
    await this.#db.call.feed.markRead({ path, author, latest })
  }

  openDocument(key: DocumentKey): Promise<Document | undefined> {
    return this.#db.call.documents.open(key)
  }

  backlinks(key: DocumentKey, page: Page): Promise<DocumentSummary[]> {
    return this.#db.call.documents.backlinks({ key, page: bounded(page) })
  }

  search(query: string, { limit, after }: Page): Promise<SearchHit[]> {
    const hits = boundedLimit(limit, pageLimits.searchHitsMax)
    return this.#db.call.documents.search({ text: query, limit: hits, after })
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
    const { notWritten, valuesNotWritten = {} } = await this.#db.close()
    const lost = [...Object.values(notWritten), ...Object.values(valuesNotWritten)]
    return { notWritten: lost.reduce((sum, count) => sum + count, 0) }
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
