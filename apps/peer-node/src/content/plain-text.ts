import type { TextFields } from './markdown.ts'
import { collectLinks } from './text-fields.ts'

/** Ends where prose goes on: at a bracket, a quote, or the sentence's own punctuation. */
const url = /\bhttps?:\/\/[^\s<>"'`)\]}]+?(?=[.,;:!?]*(?:[\s<>"'`)\]}]|$))/g

/** Reads a plain text's links; plain text has no headings, so its title is left to its file's name. */
export function readPlainText(text: string): TextFields {
  return { title: undefined, links: collectLinks(text.matchAll(url).map(([link]) => link)) }
}
