import type { DocumentSummary } from '../types.ts'

/**
 * Where the next page by recent change goes on, after its last document.
 *
 * @example
 * const next = await store.recentDocuments({ limit: 30, after: recentCursor(page.at(-1)) })
 */
export function recentCursor({
  time,
  path,
  author,
}: Pick<DocumentSummary, 'time' | 'path' | 'author'>): string {
  return `${time}\n${path}\n${author}` // paths hold no line breaks
}

export function readRecentCursor(after: string | undefined): {
  readonly time: number
  readonly path: string
  readonly author: Uint8Array
} {
  // A document may claim the last time there is, and is listed all the same.
  if (after === undefined) return { time: Number.POSITIVE_INFINITY, path: '', author: new Uint8Array() }
  const [time = '', path = '', author = ''] = after.split('\n')
  return { time: Number(time) || 0, path, author: Buffer.from(author, 'hex') }
}
