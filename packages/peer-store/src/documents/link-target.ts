import { nameOf } from '../records/multihash.ts'

const scheme = /^[a-z][a-z0-9+.-]*:/i

/**
 * Where a link leads within the store: `/` and a path at the same author, or a CID; undefined if it leads elsewhere (the
 * web, the document itself) or nowhere.
 *
 * @param path where the linking document lives; relative links start from there.
 */
export function linkTarget(path: string, link: string): string | undefined {
  const place = decodePercent(link.replace(/^(?:ipfs:\/\/|\/ipfs\/)/i, '').replace(/[?#].*$/s, ''))
  if (place === '' || place.startsWith('//')) return undefined
  if (nameOf(place) !== undefined) return place
  if (scheme.test(place)) return undefined
  return resolve(place.startsWith('/') ? [] : path.split('/').slice(0, -1), place)
}

/** The targets of all of a document's links, each once; its own place is none of them. */
export function linkTargets(path: string, links: readonly string[]): string[] {
  const targets = new Set<string>()
  for (const link of links) {
    const target = linkTarget(path, link)
    if (target !== undefined && target !== `/${path}`) targets.add(target)
  }
  return [...targets]
}

function resolve(folder: readonly string[], place: string): string | undefined {
  const parts = [...folder]
  for (const part of place.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined // above the author's root there is nothing
    } else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.length === 0 ? undefined : `/${parts.join('/')}`
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // percent signs that encode nothing stand for themselves
  }
}
