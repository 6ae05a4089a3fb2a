import { codecs } from './codecs.ts'

/** What a CID says: what the bytes are, and the multihash that names them, whatever they are taken for. */
export interface Name {
  readonly codec: number
  /** Two bytes that say SHA-256, and its 32. */
  readonly multihash: Uint8Array
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
const values = new Uint8Array(128).fill(0xff)
for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value

/** `b`, then 36 bytes in base32: version, codec, multihash. */
const cidCharacters = 59
const cidBytes = 36
const known = new Set<number>(Object.values(codecs))

/**
 * The parts of a CID of the store's only kind; undefined for any other text. It is asked of every blob of every list that a
 * peer sends, and takes a tenth of what the general parser does.
 */
export function nameOf(cid: string): Name | undefined {
  if (cid.length !== cidCharacters || cid[0] !== 'b') return undefined
  const bytes = new Uint8Array(cidBytes)
  let [bits, held, at] = [0, 0, 0]
  for (let index = 1; index < cidCharacters; index++) {
    const value = values[cid.charCodeAt(index)] ?? 0xff
    if (value === 0xff) return undefined
    bits = ((bits << 5) | value) & 0xfff
    held += 5
    if (held < 8) continue
    held -= 8
    bytes[at++] = bits >> held
  }
  // The two bits left over are zero, or one blob would have four names.
  if ((bits & 3) !== 0) return undefined
  const [version, codec = 0, hash, length] = bytes
  if (version !== 1 || hash !== 0x12 || length !== 32 || !known.has(codec)) return undefined
  return { codec, multihash: bytes.subarray(2) }
}

/** The CID of a name. */
export function cidFrom({ codec, multihash }: Name): string {
  let text = 'b'
  let [bits, held] = [0x01, 8]
  const take = (): void => {
    while (held >= 5) {
      held -= 5
      text += alphabet[(bits >> held) & 31]
    }
  }
  take()
  for (let index = -1; index < multihash.byteLength; index++) {
    bits = ((bits << 8) | (index === -1 ? codec : (multihash[index] as number))) & 0xfff
    held += 8
    take()
  }
  return text + alphabet[(bits << (5 - held)) & 31]
}

/** The order in which the store lists CIDs: by multihash, then by codec; what is no CID of ours comes last. */
export function compareCids(left: string, right: string): number {
  const [a, b] = [nameOf(left), nameOf(right)]
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return Buffer.compare(a.multihash, b.multihash) || a.codec - b.codec
}
