import type { TextFields } from './markdown.ts'
import { collectLinks } from './text-fields.ts'

/** Ends where prose goes on: at a bracket or a quote. */
const url = /\bhttps?:\/\/[^\s<>"'`)\]}]+/g
/** The sentence's own, behind an address. */
const punctuation = '.,;:!?'

/** Reads a plain text's links; plain text has no headings, so its title is left to its file's name. */
export function readPlainText(text: string): TextFields {
  return { title: undefined, links: collectLinks(text.matchAll(url).map(([link]) => unpunctuated(link))) }
}

/** By hand, since a pattern that looks ahead for the end of each run of dots takes the square of its length. */
function unpunctuated(link: string): string {
  let end = link.length
  while (punctuation.includes(link.charAt(end - 1))) end--
  return link.slice(0, end)
}
