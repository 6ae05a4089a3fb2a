export type { IndexActor } from './blobs/index-actor.ts'
export { spawnIndexActor } from './blobs/index-actor.ts'
export { documentCursor } from './documents/cursor.ts'
export { linkTarget } from './documents/link-target.ts'
export type { PeerWriterActor } from './peers/peer-writer.ts'
export { spawnPeerWriterActor } from './peers/peer-writer.ts'
export { BlobRefusedError } from './records/blob-refused-error.ts'
export { cidOf, codecs } from './records/cid.ts'
export { type DocumentDraft, encodeDocument } from './records/document-record.ts'
export type { Signer } from './records/signer.ts'
export { verifyBlob } from './records/verify-blob.ts'
export { migrations } from './schema/migrations.ts'
export { FlushWatch } from './store/flush-watch.ts'
export { modules, type StoreModules } from './store/modules.ts'
export { openPeerStore, type PeerStoreOptions } from './store/open-peer-store.ts'
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
