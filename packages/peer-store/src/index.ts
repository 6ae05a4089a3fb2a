export type { IndexActor } from './blobs/index-actor.ts'
export { spawnIndexActor } from './blobs/index-actor.ts'
export { documentCursor } from './documents/cursor.ts'
export { linkTarget } from './documents/link-target.ts'
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
export { type DocumentDraft, encodeDocument } from './records/document-record.ts'
export type { Signer } from './records/signer.ts'
export { verifyBlob } from './records/verify-blob.ts'
export { migrations } from './schema/migrations.ts'
export { FlushWatch } from './store/flush-watch.ts'
export { modules, type StoreModules } from './store/modules.ts'
export { openPeerStore, type PeerStoreOptions } from './store/open-peer-store.ts'
export type { Subscriptions } from './subscriptions/subscriptions.ts'
export type { Subscription, SubscriptionPage } from './subscriptions/types.ts'
export type {
  Blob,
  BlobRefusal,
  Document,
  DocumentRecord,
  DocumentSummary,
  Page,
  PeerRow,
  PeerSighting,
  PeerStore,
  SearchHit,
  StoreStatus,
  VerifiedBlob,
} from './types.ts'
