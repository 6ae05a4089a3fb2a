export { type BlobRow, blobRow } from './blobs/blob-row.ts'
export { storeBlobs } from './blobs/store-blobs.ts'
export { documentCursor } from './documents/cursor.ts'
export { linkTarget } from './documents/link-target.ts'
export { recentCursor } from './documents/recent-cursor.ts'
export {
  type DomainActor,
  type DomainActorEvent,
  type DomainActorInput,
  domainActor,
} from './domains/domain-actor.ts'
export type { DomainNote } from './domains/domain-note.ts'
export { DomainWriter, type DomainWriterInput } from './domains/domain-writer.ts'
export type { Domains } from './domains/domains.ts'
export type {
  DomainCheck,
  DomainRefusal,
  DomainRow,
  DomainStatus,
  DomainWriterCounts,
} from './domains/types.ts'
export {
  type IndexActor,
  type IndexActorOptions,
  type IndexCounts,
  type PutOptions,
  spawnIndexActor,
} from './indexing/index-actor.ts'
export { type IndexResult, indexBlob, type RecordRow } from './indexing/index-blob.ts'
export { type IndexEvent, type IndexInput, indexMachine } from './indexing/index-machine.ts'
export { DatabaseIndexWork, type IndexWork, type StepOutcome } from './indexing/index-work.ts'
export { indexQueries } from './indexing/queries.ts'
export { TextChanges } from './indexing/text-changes.ts'
export type { PeerNote } from './peers/peer-note.ts'
export { PeerWriter, type PeerWriterInput } from './peers/peer-writer.ts'
export {
  type PeerWriterActor,
  type PeerWriterActorEvent,
  type PeerWriterActorInput,
  peerWriterActor,
} from './peers/peer-writer-actor.ts'
export type { Peers } from './peers/peers.ts'
export type {
  PeerHearsay,
  PeerRefusal,
  PeerStatus,
  PeerStatusRow,
  PeerToDial,
  PeerWriterCounts,
} from './peers/types.ts'
export { BlobRefusedError } from './records/blob-refused-error.ts'
export { cidOf, codecs } from './records/cid.ts'
export { type CommentDraft, encodeComment } from './records/comment-record.ts'
export { type DocumentDraft, encodeDocument } from './records/document-record.ts'
export { compareCids } from './records/multihash.ts'
export type { Signer } from './records/signer.ts'
export { verifyBlob } from './records/verify-blob.ts'
export { migrations } from './schema/migrations.ts'
export { FlushWatch } from './store/flush-watch.ts'
export { modules, type StoreModules } from './store/modules.ts'
export { openPeerStore, type PeerStoreOptions } from './store/open-peer-store.ts'
export type { Subscriptions } from './subscriptions/subscriptions.ts'
export type { Subscription, SubscriptionPage } from './subscriptions/types.ts'
export type {
  AttributePage,
  Blob,
  BlobRefusal,
  Comment,
  CommentRecord,
  CommentsPage,
  Document,
  DocumentKey,
  DocumentRecord,
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
  RecordKind,
  SearchHit,
  StoreStatus,
  UnreadDocument,
  VerifiedBlob,
} from './types.ts'
