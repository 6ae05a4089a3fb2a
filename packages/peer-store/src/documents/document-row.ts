import type { DocumentRecord } from '../types.ts'
import { linkTargets } from './link-target.ts'

/** A document as it is written: everything derived from the record is computed before the transaction. */
export interface DocumentRow {
  readonly title: string
  readonly path: string
  readonly text: string
  readonly author: Uint8Array
  readonly time: number
  /** Where its links lead within the store. */
  readonly targets: readonly string[]
}

export function documentRow({ title, path, text, author, time, links }: DocumentRecord): DocumentRow {
  return {
    title: unmarked(title),
    path,
    text: unmarked(text),
    author,
    time,
    targets: linkTargets(path, links),
  }
}

/** Snippets mark their matches with U+0002 and U+0003, so texts must not bring their own. */
function unmarked(text: string): string {
  return text.replaceAll('\u0002', ' ').replaceAll('\u0003', ' ')
}
