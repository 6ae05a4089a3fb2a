import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { decode } from 'multiformats/hashes/digest'
import { peerLimits } from '../limits.ts'

/** The codec of CIDs that name a key. */
const libp2pKey = 0x72
const identity = 0x00
const sha256 = 0x12

/** Whether a text is a libp2p peer id: a multihash in base58 (`12D3Koo…`, `Qm…`), or a CID of a key (`bafz…`, `k51…`). */
export function isPeerId(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > peerLimits.idCharactersMax) return false
  try {
    const { code, digest } = isMultihash(text) ? decode(base58btc.decode(`z${text}`)) : keyOf(text)
    if (code === sha256) return digest.byteLength === 32
    return code === identity && digest.byteLength >= 36 && digest.byteLength <= 42 // small public keys stand for themselves
  } catch {
    return false
  }
}

const isMultihash = (text: string): boolean => text.startsWith('1') || text.startsWith('Qm')

function keyOf(text: string): { readonly code: number; readonly digest: Uint8Array } {
  const cid = CID.parse(text)
  if (cid.code !== libp2pKey) throw new Error('not a key')
  return cid.multihash
}
