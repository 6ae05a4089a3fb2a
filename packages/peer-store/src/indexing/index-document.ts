import type { WriteTransaction } from '@lockkeeper/core/procedures'
import { linkTargets } from '../documents/link-target.ts'
import { nameOf } from '../records/multihash.ts'
import type { DocumentRecord } from '../types.ts'
import type { IndexOptions, RecordRow } from './index-blob.ts'
import { type PublicKey, publicKey } from './public-keys.ts'
import { indexQueries } from './queries.ts'

interface Current {
  readonly id: number
  readonly blobId: number
  readonly time: number
  readonly multihash: Uint8Array
}

/**
 * A document is a generation of what lies at its path at its author; the newest is the current one. Of two with the same time
 * the greater multihash wins, so that peers agree in whatever order blobs arrive.
 */
export function indexDocument(
  tx: WriteTransaction,
  row: RecordRow,
  document: DocumentRecord,
  { again, texts }: IndexOptions,
): void {
  const { path, author, title, time } = document
  const key = publicKey(tx, author)
  const current = tx.first<Current>(indexQueries.current, [path, author])
  const isNewest = current === undefined || current.blobId === row.id || isNewer(row, time, current)
  const resource = current?.id ?? insertResource(tx, row, document, key)
  tx.run(indexQueries.structural, [row.id, 'document', key.id, resource, time])
  tx.run(indexQueries.generation, [resource, time, row.id, title])
  writeLinks(tx, row, document, key, again)
  if (!isNewest) return
  if (current !== undefined) {
    tx.run(indexQueries.updateResource, [row.id, title, time, resource])
    texts.remove(current.blobId)
    tx.run(indexQueries.removeAttributes, [resource])
  }
  texts.add(row.id, document)
  for (const [name, value] of Object.entries(document.attributes ?? {}))
    tx.run(indexQueries.attribute, [resource, name, value])
  if (!again && !key.own) tx.run(indexQueries.unread, [resource, row.id])
}

function isNewer({ multihash }: RecordRow, time: number, current: Current): boolean {
  if (time !== current.time) return time > current.time
  return Buffer.compare(multihash, current.multihash) > 0
}

function insertResource(
  tx: WriteTransaction,
  { id }: RecordRow,
  { path, author, title, time }: DocumentRecord,
  key: PublicKey,
): number {
  const { lastInsertRowid } = tx.run(indexQueries.insertResource, [path, author, key.id, id, title, time])
  return Number(lastInsertRowid)
}

/** Every generation keeps its links: whether they count is the reader's to say. */
function writeLinks(
  tx: WriteTransaction,
  { id }: RecordRow,
  { path, links }: DocumentRecord,
  key: PublicKey,
  again: boolean,
): void {
  if (again) {
    tx.run(indexQueries.removeBlobLinks, [id])
    tx.run(indexQueries.removeResourceLinks, [id])
  }
  const paths: string[] = []
  for (const target of linkTargets(path, links)) {
    if (target.startsWith('/')) paths.push(target.slice(1))
    else {
      const name = nameOf(target)
      if (name !== undefined) tx.run(indexQueries.blobLink, [id, 'link', name.multihash])
    }
  }
  if (paths.length > 0) tx.run(indexQueries.resourceLinks, [id, key.id, JSON.stringify(paths)])
}
