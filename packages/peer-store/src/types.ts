import type { Job, LockkeeperError, Report } from '@lockkeeper/core'
import type { Domains } from './domains/domains.ts'
import type { IndexCounts, PutOptions } from './indexing/index-actor.ts'
import type { Peers } from './peers/peers.ts'
import type { PeerRow, PeerSighting } from './peers/types.ts'
import type { Subscriptions } from './subscriptions/subscriptions.ts'

export type { PeerRow, PeerSighting } from './peers/types.ts'

/** A blob as it lies on disk and travels between peers. Its name is the hash of its bytes. */
export interface Blob {
  /** CIDv1 in base32 (`bafy…`): dag-cbor for documents, raw and dag-pb for media. */
  readonly cid: string
  readonly bytes: Uint8Array
}

/** A signed document, decoded. */
export interface DocumentRecord {
  readonly title: string
  /** Where the document lives at its author, with slashes and no leading one: `guides/start.md`. */
  readonly path: string
  readonly text: string
  /** What the text links to, as written: relative paths, URLs, CIDs. */
  readonly links: readonly string[]
  /** What programs say of the document beyond its text: at most 64 names with a value each. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
  /** The author's Ed25519 public key, 32 bytes. */
  readonly author: Uint8Array
  /** Milliseconds since 1970. */
  readonly time: number
  /** Ed25519 over the dag-cbor encoding of all the other fields. */
  readonly signature: Uint8Array
}

/** A signed comment, decoded. */
export interface CommentRecord {
  readonly type: 'comment'
  /** The CID of what it comments on: a document, or another comment. Until that is here, the comment waits. */
  readonly on: string
  readonly text: string
  readonly author: Uint8Array
  /** Milliseconds since 1970. */
  readonly time: number
  readonly signature: Uint8Array
}

/** Why a blob was refused. */
export type BlobRefusal = 'too-large' | 'bad-cid' | 'hash-mismatch' | 'malformed' | 'bad-signature'

declare const verified: unique symbol

/**
 * A blob that passed every check; only these can be stored. Made by `verifyBlob`, `encodeDocument` and `encodeComment`, by nobody
 * else. Its bytes are the store's own: leave them as they are.
 */
export interface VerifiedBlob extends Blob {
  readonly document?: DocumentRecord | undefined
  readonly comment?: CommentRecord | undefined
  readonly [verified]: true
}

export type RecordKind = 'document' | 'comment'

export interface DocumentSummary {
  readonly cid: string
  readonly title: string
  readonly path: string
  readonly time: number
  /** The author's public key in hexadecimal. */
  readonly author: string
}

export interface Document extends DocumentSummary {
  readonly text: string
  /** As written. */
  readonly links: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  /** Those of the links that lead to documents held here: relative ones from the document's place, or CIDs. */
  readonly linked: readonly { readonly link: string; readonly document: DocumentSummary }[]
  /**
   * Current documents that link to this one or to any version of it, newest first; by path only those of the same author. At most
   * 200; `backlinks` gives more.
   */
  readonly backlinks: readonly DocumentSummary[]
}

/** A document, or a comment on it, in which words were found. */
export interface SearchHit extends DocumentSummary {
  /** What holds the words: the document itself, or a comment on it. */
  readonly found: { readonly kind: RecordKind; readonly cid: string }
  /** Text around the match; matches are wrapped in U+0002 and U+0003, to be marked up by whoever shows it. */
  readonly snippet: string
  /** Where the next page goes on. Ranks depend on all texts, so a page may miss or repeat a hit where much was indexed in between. */
  readonly position: string
}

/** A comment as it is listed. */
export interface Comment {
  readonly cid: string
  /** The CID of what it comments on. */
  readonly on: string
  readonly text: string
  readonly author: string
  readonly time: number
  /** Where the next page goes on. */
  readonly position: number
}

/** A document by CID, or by path (the newest there). */
export type DocumentKey = { readonly cid: string } | { readonly path: string }

/** Where a document lives. */
export interface Place {
  readonly path: string
  /** The author's public key in hexadecimal. */
  readonly author: string
}

export interface CommentsPage extends Place {
  /** At most this many, from 1 to 200. */
  readonly limit: number
  /** The position of the last comment of the page before. */
  readonly after?: number | undefined
}

export interface AttributePage {
  readonly key: string
  readonly value: string
  /** At most this many, from 1 to 1,000. */
  readonly limit: number
  /** The position of the last document of the page before. */
  readonly after?: number | undefined
}

export interface PlacedDocument extends DocumentSummary {
  /** Where the next page goes on. */
  readonly position: number
}

/** A version of a document. */
export interface DocumentVersion {
  readonly cid: string
  readonly title: string
  readonly time: number
}

export interface UnreadDocument extends PlacedDocument {
  /** The latest that made it unread: marked as read with this, it stays unread by what comes after. */
  readonly latest: number
}

/** Something that came: a document (a new version, or an old one that came late) or a comment. */
export interface FeedEntry {
  readonly kind: RecordKind
  readonly cid: string
  /** The author's public key in hexadecimal. */
  readonly author: string
  readonly time: number
  /** The document it is about, as it is now. */
  readonly document: DocumentSummary
  /** Where the next page goes on: entries are in the order in which this store got them. */
  readonly position: number
}

export interface FeedPage {
  /** At most this many, from 1 to 200. */
  readonly limit: number
  /** The position of the last entry of the page before; older ones follow. */
  readonly before?: number | undefined
  /** Only what this author signed: a public key in hexadecimal. */
  readonly author?: string | undefined
}

export interface Page {
  /** At most this many, from 1 to 1,000; more are not given. */
  readonly limit: number
  /**
   * The last item of the page before: a CID for blobs, an id for peers, for documents a path or, where several authors may
   * share paths, what `documentCursor` makes of the item.
   */
  readonly after?: string | undefined
}

export interface StoreStatus {
  readonly documents: number
  readonly blobs: number
  readonly bytes: number
  readonly peers: number
  /** Records that are stored and not indexed yet. */
  readonly toIndex: number
  /** Records that wait for another blob to come. */
  readonly waiting: number
}

/** A peer node's store: an open database with its peer writer and index actors. */
export interface PeerStore extends AsyncDisposable {
  /**
   * Stores blobs, and answers once all are committed; records among them are indexed soon after, or before it answers with
   * `until: 'indexed'`. Rides the `sync` lane through the index actor, gathered with others' to batches; waits while the actor
   * holds its fill (backpressure). Blobs that are stored already are recognised at once.
   */
  putBlobs(blobs: readonly VerifiedBlob[], options?: PutOptions): Promise<void>
  /** Stores and indexes what a person has just written, at most 32 blobs, before sync and background work. */
  publish(
    blobs: readonly VerifiedBlob[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>
  /** Resolves when all that is stored now is indexed, or waits for other blobs to come. */
  indexed(): Promise<void>
  /** Resolves when the data of a file of the first schema has moved to its new place; nothing need wait for it. */
  adopted(): Promise<void>
  /** Derives everything from the blobs anew: a job that goes on across restarts, while others write and read. */
  reindex(options?: { readonly id?: string | undefined }): Job<number>
  /** Checks a blob from anywhere, as `verifyBlob` does, and counts those refused by reason. @throws BlobRefusedError */
  verify(blob: Blob): VerifiedBlob
  /** Blobs that `verify` refused since the store was opened, by reason. */
  readonly refusals: Readonly<Record<BlobRefusal, number>>
  /** What the index actor has done since the store was opened. */
  readonly indexCounts: IndexCounts
  getBlob(cid: string): Promise<Blob | undefined>
  getBlobs(cids: readonly string[]): Promise<Blob[]>
  /** Those of the CIDs that are not stored, in the order given. */
  missing(cids: readonly string[]): Promise<string[]>
  /** CIDs, in the order of their multihashes. */
  listBlobs(page: Page): Promise<string[]>

  readonly peers: Peers
  readonly domains: Domains
  readonly subscriptions: Subscriptions
  /** The same as `peers.saw`. */
  sawPeer(peer: PeerSighting): void
  /** The same as `peers.refusedBlobs`. */
  refusedBlobs(peerId: string, count: number): void
  /** The same as `peers.list`. */
  listPeers(page: Page): Promise<PeerRow[]>

  listDocuments(page: Page): Promise<DocumentSummary[]>
  /** Those changed last first; a page goes on after what `recentCursor` makes of its last document. */
  recentDocuments(page: Page): Promise<DocumentSummary[]>
  /** Current documents with an attribute of this value. */
  documentsWith(page: AttributePage): Promise<PlacedDocument[]>
  /** The versions of a document that are here, newest first; a page goes on after the CID of its last. */
  documentVersions(place: Place, page: Page): Promise<DocumentVersion[]>
  /** Comments on a document and on its comments, in the order in which they came. */
  comments(page: CommentsPage): Promise<Comment[]>
  /** What came, newest arrival first: documents and comments. */
  feed(page: FeedPage): Promise<FeedEntry[]>
  /** Documents with something new from others that nobody has looked at. */
  unread(page: { readonly limit: number; readonly after?: number | undefined }): Promise<UnreadDocument[]>
  /** Marks a document as read: all of it, or with what `unread` says is the `latest`, up to that. */
  markRead(place: Place & { readonly latest?: number | undefined }): Promise<void>
  /** By CID, or by path (the newest document there). */
  openDocument(key: DocumentKey): Promise<Document | undefined>
  /** All that a document's `backlinks` begin with; a page goes on after what `recentCursor` makes of its last. */
  backlinks(key: DocumentKey, page: Page): Promise<DocumentSummary[]>
  /**
   * Best matches first, at most 100; a page goes on after the `position` of its last. Any text is a legal query; no FTS5 syntax is
   * needed or heeded.
   */
  search(query: string, page: Page): Promise<SearchHit[]>

  getValue(key: string): Promise<string | undefined>
  setValue(key: string, value: string): Promise<void>

  status(): Promise<StoreStatus>
  report(): Report
  /** Why blobs can't be stored just now (a full disk, say; they are tried again); undefined while they can. */
  readonly trouble: LockkeeperError | undefined
  /**
   * Drains the actors and the database; safe to call twice. Says how many blobs and other writes were not stored, most of
   * all if the disk is full.
   */
  close(): Promise<{ readonly notWritten: number }>
}
