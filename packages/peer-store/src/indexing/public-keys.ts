import type { WriteTransaction } from '@lockkeeper/core/procedures'
import { indexQueries } from './queries.ts'

export interface PublicKey {
  readonly id: number
  /** Whether it is this node's own. */
  readonly own: boolean
}

/** The row of a public key; made if it is new. */
export function publicKey(tx: WriteTransaction, principal: Uint8Array): PublicKey {
  const known = tx.first<{ id: number; own: number }>(indexQueries.key, [principal])
  if (known !== undefined) return { id: known.id, own: known.own === 1 }
  const { lastInsertRowid } = tx.run(indexQueries.insertKey, [principal])
  return { id: Number(lastInsertRowid), own: false }
}
