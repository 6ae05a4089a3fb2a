import { contentLimits } from '../limits.ts'

const whitespace = /\s+/g

/** A text on one line, cut to a title's length between characters. */
export function oneLine(text: string): string {
  const line = text.replace(whitespace, ' ').trim()
  return line.length <= contentLimits.titleCharactersMax ? line : cut(line, contentLimits.titleCharactersMax)
}

/** Each link once, in order, within bounds. */
export function collectLinks(links: Iterable<string>): string[] {
  const kept = new Set<string>()
  let characters = 0
  for (const link of links) {
    if (kept.size === contentLimits.linksMax || characters > contentLimits.linksCharactersMax) break
    if (link === '' || link.length > contentLimits.linkCharactersMax || !link.isWellFormed()) continue
    kept.add(link)
    characters += link.length
  }
  return [...kept]
}

/** Cuts without leaving half of a surrogate pair, which no UTF-8 could hold. */
function cut(text: string, characters: number): string {
  const head = text.slice(0, characters - 1)
  return `${head.isWellFormed() ? head : head.slice(0, -1)}…`
}
