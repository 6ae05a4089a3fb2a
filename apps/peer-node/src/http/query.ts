import { httpLimits } from '../limits.ts'

/** A request that cannot be answered as it is; `message` says why, and is shown. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError'
}

export interface PageQuery {
  readonly limit: number
  readonly after: string | undefined
}

/** Reads `limit` and `after`. @throws BadRequestError */
export function readPage(query: Record<string, string>): PageQuery {
  const after = query.after === '' ? undefined : query.after
  if (after !== undefined && after.length > httpLimits.pathCharactersMax)
    throw new BadRequestError('after: too long')
  return { limit: readLimit(query.limit, httpLimits.itemsDefault, httpLimits.itemsMax), after }
}

/** Reads `q`, `limit` and `after`. @throws BadRequestError */
export function readSearch(query: Record<string, string>): PageQuery & { readonly text: string } {
  const text = query.q ?? ''
  if (text.length > httpLimits.queryCharactersMax) {
    throw new BadRequestError(`q: at most ${httpLimits.queryCharactersMax} characters`)
  }
  const { after } = readPage({ after: query.after ?? '' })
  return { text, limit: readLimit(query.limit, httpLimits.searchDefault, httpLimits.searchMax), after }
}

/** Reads which document is meant, by `cid` or by `path`. @throws BadRequestError */
export function readDocumentKey(query: Record<string, string>): { cid: string } | { path: string } {
  const { cid, path } = query
  const text = cid ?? path
  if (text === undefined || text === '' || (cid !== undefined && path !== undefined)) {
    throw new BadRequestError('name a document by either path or cid')
  }
  if (text.length > httpLimits.pathCharactersMax) throw new BadRequestError('path: too long')
  return cid === undefined ? { path: text } : { cid: text }
}

function readLimit(text: string | undefined, whenAbsent: number, most: number): number {
  if (text === undefined || text === '') return whenAbsent
  const limit = Number(text)
  if (!/^\d{1,6}$/.test(text) || limit < 1) throw new BadRequestError('limit: a whole number from 1')
  return Math.min(limit, most)
}
