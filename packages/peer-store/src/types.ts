import type { LockkeeperError, Report } from '@lockkeeper/core'
import type { Domains } from './domains/domains.ts'
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
  /** The author's Ed25519 public key, 32 bytes. */
  readonly author: Uint8Array
  /** Milliseconds since 1970. */
  readonly time: number
  /** Ed25519 over the dag-cbor encoding of all the other fields. */
  readonly signature: Uint8Array
}

/** Why a blob was refused. */
export type BlobRefusal = 'too-large' | 'bad-cid' | 'hash-mismatch' | 'malformed' | 'bad-signature'

declare const verified: unique symbol

/** A blob that passed every check; only these can be stored. Made by `verifyBlob` and `encodeDocument`, by nobody else. */
export interface VerifiedBlob extends Blob {
  readonly document?: DocumentRecord | undefined
  readonly [verified]: true
}

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
  /** Those of the links that lead to documents held here: relative ones from the document's place, or CIDs. */
  readonly linked: readonly { readonly link: string; readonly document: DocumentSummary }[]
  /** Current documents that link to this one, newest first; by path only those of the same author. */
  readonly backlinks: readonly DocumentSummary[]
}

export interface SearchHit extends DocumentSummary {
  /** Text around the match; matches are wrapped in U+0002 and U+0003, to be marked up by whoever shows it. */
  readonly snippet: string
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
}

/** A peer node's store: an open database with its peer writer and index actors. */
export interface PeerStore extends AsyncDisposable {
  /**
   * Stores blobs and their index rows, and answers once all are committed. Rides the `sync` lane through the index
   * actor, gathered with others' to batches; waits while the actor holds its fill (backpressure).
   */
  putBlobs(blobs: readonly VerifiedBlob[], options?: { readonly signal?: AbortSignal }): Promise<void>
  getBlob(cid: string): Promise<Blob | undefined>
  getBlobs(cids: readonly string[]): Promise<Blob[]>
  /** Those of the CIDs that are not stored, in the order given. */
  missing(cids: readonly string[]): Promise<string[]>
  /** CIDs in order. */
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
  /** By CID, or by path (the newest document there). */
  openDocument(key: { readonly cid: string } | { readonly path: string }): Promise<Document | undefined>
  /** Best matches first. Any text is a legal query; no FTS5 syntax is needed or heeded. */
  search(query: string, page: { readonly limit: number }): Promise<SearchHit[]>

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
