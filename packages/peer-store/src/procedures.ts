/**
 * What the store's threads run, for whoever runs it on a connection of their own: the schema, the procedures that store and index
 * blobs, and how a blob is prepared for them. Nothing here opens a database or starts a thread.
 */
export { type BlobRow, blobRow } from './blobs/blob-row.ts'
export { storeBlobs } from './blobs/store-blobs.ts'
export { step as indexStep } from './indexing/procedures.ts'
export { migrations } from './schema/migrations.ts'
