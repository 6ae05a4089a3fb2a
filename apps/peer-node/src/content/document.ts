import { basename } from 'node:path'
import { encodeDocument, type Signer, type VerifiedBlob } from '@lockkeeper/peer-store'
import { contentLimits } from '../limits.ts'
import { readMarkdown, type TextFields } from './markdown.ts'
import { readPlainText } from './plain-text.ts'
import { textKindOf } from './text-detection.ts'
import { oneLine } from './text-fields.ts'
import { withinTime } from './within-time.ts'

export interface TextFile {
  /** As it is to be called in the store. */
  readonly path: string
  readonly text: string
  /** When the file was last changed, in milliseconds since 1970. */
  readonly changedAt: number
}

/**
 * Makes a text a signed document. The same file makes the same blob every time, since its time is the file's own and
 * Ed25519 signatures are deterministic: importing again changes nothing.
 * @throws BlobRefusedError if the document comes out larger than a blob may be.
 */
export function makeDocument({ path, text, changedAt }: TextFile, signer: Signer): VerifiedBlob {
  const { title, links } = textKindOf(path) === 'markdown' ? readAnyMarkdown(text) : readPlainText(text)
  const time = Math.max(0, Math.trunc(changedAt))
  return encodeDocument(
    { title: title ?? oneLine(basename(path)), path, text, links: [...links], time },
    signer,
  )
}

/** Text nested so deep that the parser runs out of stack, or made to keep it busy, is still a text. */
function readAnyMarkdown(text: string): TextFields {
  try {
    return withinTime(contentLimits.parseMsMax, () => readMarkdown(text))
  } catch {
    return readPlainText(text)
  }
}
