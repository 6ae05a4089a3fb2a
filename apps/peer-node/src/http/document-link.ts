import type { Document } from '@lockkeeper/peer-store'

/** Where a document's link leads. */
export interface DocumentLink {
  readonly href: string
  readonly isExternal: boolean
}

/** Stands for the folder of documents, so that relative links can be resolved by the rules browsers follow. */
const origin = 'https://document.invalid'
const externalSchemes = new Set(['http:', 'https:', 'mailto:'])

/**
 * Resolves a link as a browser would (which drops tabs and line breaks from `java script:`, so comparing texts would not
 * do), and lets through what leads to another document or to the web.
 * @returns undefined for any other scheme, `javascript:` and `data:` among them.
 */
export function resolveLink(href: string, documentPath: string): DocumentLink | undefined {
  if (href.startsWith('#')) return { href, isExternal: false }
  const base = `${origin}/${documentPath.split('/').map(encodeURIComponent).join('/')}`
  if (!URL.canParse(href, base)) return undefined
  const url = new URL(href, base)
  if (url.origin === origin) return documentLink(url)
  return externalSchemes.has(url.protocol) ? { href: url.href, isExternal: true } : undefined
}

function documentLink({ pathname, hash }: URL): DocumentLink | undefined {
  try {
    const path = decodeURIComponent(pathname.slice(1))
    return { href: `/document?path=${encodeURIComponent(path)}${hash}`, isExternal: false }
  } catch {
    return undefined // percent signs that encode nothing
  }
}

/** Resolves the links of one document: those the store knows lead to the very document meant, its author's or a CID's. */
export function linksOf({
  path,
  linked,
}: Pick<Document, 'path' | 'linked'>): (href: string) => DocumentLink | undefined {
  const known = new Map(linked.map(({ link, document }) => [link, document.cid]))
  return (href) => {
    const cid = known.get(href)
    return cid === undefined ? resolveLink(href, path) : { href: `/document?cid=${cid}`, isExternal: false }
  }
}
