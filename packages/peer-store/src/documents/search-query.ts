import { pageLimits } from '../limits.ts'

const wordCharacter = /[\p{L}\p{N}\p{Co}]/u

/**
 * An FTS5 query that finds the words of any text, all of them, in any order; the last one may be unfinished. Every word is
 * quoted (https://www.sqlite.org/fts5.html, section 3.1), so nothing in the text is syntax: `a-b OR "c` looks for `a-b`,
 * `OR` and `c`.
 *
 * @returns undefined if there is no word in the text.
 */
export function searchQuery(text: string): string | undefined {
  const words = text
    .toWellFormed()
    .split(/[\s\0]+/)
    .filter((word) => wordCharacter.test(word))
    .slice(0, pageLimits.searchWordsMax)
    .map((word) => [...word].slice(0, pageLimits.searchWordCharactersMax).join(''))
  const last = words.at(-1)
  if (last === undefined) return undefined
  const isUnfinished = text.trimEnd() === text && last.length >= pageLimits.completedCharactersMin
  const quoted = words.map((word) => `"${word.replaceAll('"', '""')}"`)
  return isUnfinished ? `${quoted.join(' ')}*` : quoted.join(' ')
}
