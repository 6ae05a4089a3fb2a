import { publicKeyBytes } from '../records/signer.ts'
import type { DocumentSummary } from '../types.ts'

/** Sorts after every author. */
const afterAllAuthors = new Uint8Array(publicKeyBytes + 1).fill(0xff)

/**
 * Where the next page of documents begins. Several authors may have a document at one path, and a page may end between
 * them, which the path alone does not tell.
 *
 * @example
 * const next = await store.listDocuments({ limit: 100, after: documentCursor(page.at(-1)) })
 */
export function documentCursor({ path, author }: Pick<DocumentSummary, 'path' | 'author'>): string {
  return `${path}\n${author}` // paths hold no line breaks
}

/** A cursor's parts; a bare path stands for all documents there. */
export function readCursor(after: string | undefined): {
  readonly path: string
  readonly author: Uint8Array
} {
  if (after === undefined) return { path: '', author: new Uint8Array() }
  const [path = '', author] = after.split('\n')
  return { path, author: author === undefined ? afterAllAuthors : Buffer.from(author, 'hex') }
}
