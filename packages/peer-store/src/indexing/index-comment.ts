import type { WriteTransaction } from '@lockkeeper/core/procedures'
import { nameOf } from '../records/multihash.ts'
import type { CommentRecord } from '../types.ts'
import type { IndexOptions, RecordRow } from './index-blob.ts'
import { publicKey } from './public-keys.ts'
import { indexQueries } from './queries.ts'

/**
 * A comment belongs to the document that it is on, directly or through other comments.
 * @returns the multihash of what it is on, if that is not indexed yet.
 */
export function indexComment(
  tx: WriteTransaction,
  row: RecordRow,
  { on, author, text, time }: CommentRecord,
  { again, texts }: IndexOptions,
): Uint8Array | undefined {
  const name = nameOf(on)
  if (name === undefined) throw new Error('a comment is on a CID: its shape was checked')
  const resource = tx.value<number>(indexQueries.target, [name.multihash])
  if (resource === undefined) return name.multihash
  const key = publicKey(tx, author)
  if (again) texts.remove(row.id)
  tx.run(indexQueries.structural, [row.id, 'comment', key.id, resource, time])
  tx.run(indexQueries.blobLink, [row.id, 'comment', name.multihash])
  texts.add(row.id, { title: '', path: '', text })
  if (!again && !key.own) tx.run(indexQueries.unread, [resource, row.id])
  return undefined
}
