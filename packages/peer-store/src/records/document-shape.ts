import { recordLimits } from '../limits.ts'
import { publicKeyBytes, signatureBytes } from './signer.ts'

type Check = (value: unknown) => boolean

const controlCharacter = /\p{Cc}/u
const lineBreak = /[\r\n\u2028\u2029]/

const checks: Readonly<Record<string, Check>> = {
  title: (value) => isText(value, recordLimits.titleCharactersMax) && !lineBreak.test(value),
  path: isPath,
  text: (value) => isText(value, recordLimits.blobBytesMax),
  links: (value) =>
    Array.isArray(value) &&
    value.length <= recordLimits.linksMax &&
    value.every((link) => isText(link, recordLimits.linkCharactersMax)),
  author: (value) => isBytes(value, publicKeyBytes),
  time: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  signature: (value) => isBytes(value, signatureBytes),
}

/** What keeps a value from being a document record, in words; undefined if nothing does. */
export function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return 'a document is a map'
  }
  const record = value as Record<string, unknown>
  for (const field of Object.keys(record)) {
    if (!Object.hasOwn(checks, field)) return `a document has no field ${JSON.stringify(field.slice(0, 40))}`
  }
  for (const [field, isSound] of Object.entries(checks)) {
    if (!Object.hasOwn(record, field)) return `a document has a field ${field}`
    if (!isSound(record[field])) return `the document’s ${field} is not as it should be`
  }
  return undefined
}

/** Decoders take U+FEFF at the beginning for a byte order mark and drop it, so no text may begin with one. */
function isText(value: unknown, charactersMax: number): value is string {
  if (typeof value !== 'string' || value.length > charactersMax) return false
  return value.isWellFormed() && !value.startsWith('\uFEFF')
}

/** `guides/start.md`: relative, with no empty, `.` or `..` part, so that one place has one spelling. */
function isPath(value: unknown): boolean {
  if (!isText(value, recordLimits.pathCharactersMax) || controlCharacter.test(value)) return false
  return value.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function isBytes(value: unknown, length: number): boolean {
  return value instanceof Uint8Array && value.byteLength === length
}
