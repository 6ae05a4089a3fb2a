import { extname } from 'node:path'
import { contentLimits } from '../limits.ts'

/** How a file is taken in. */
export type ContentKind = 'markdown' | 'text' | 'media'

const markdownExtensions = new Set(['.md', '.markdown', '.mdown', '.mkd'])
/** C0 controls that no text holds; tab, line feed, form feed, carriage return and escape are met in text. */
const controlBytes = new Set(
  [...Array(32).keys()].filter((byte) => ![9, 10, 12, 13, 27].includes(byte)).concat(127),
)

/**
 * Whether a file's first bytes can be those of a text: UTF-8, no control characters. The last bytes may be a character cut
 * in half, so up to three of them are not held against it.
 */
export function startsLikeText(head: Uint8Array): boolean {
  if (head.some((byte) => controlBytes.has(byte))) return false
  const isCut = head.byteLength >= contentLimits.sniffBytes
  return (
    decodeText(head) !== undefined ||
    (isCut && [1, 2, 3].some((n) => decodeText(head.subarray(0, -n)) !== undefined))
  )
}

/** Decodes UTF-8, without its byte order mark; undefined if it is not UTF-8 or holds a NUL. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Which kind a text file is, by its name. */
export function textKindOf(path: string): ContentKind {
  return markdownExtensions.has(extname(path).toLowerCase()) ? 'markdown' : 'text'
}
