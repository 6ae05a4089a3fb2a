import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { recordLimits } from '../limits.ts'
import { RecentMap } from '../store/recent-map.ts'

/** An author's key: it signs, and never leaves its owner. */
export interface Signer {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Answers the Ed25519 signature, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

export const publicKeyBytes = 32
export const signatureBytes = 64

/** What RFC 8410 puts before the 32 bytes of an Ed25519 public key. */
const subjectPublicKeyInfo = Buffer.from('302a300506032b6570032100', 'hex')

/** Keys by their hexadecimal: most blobs are by few authors, and making a key costs as much as using it. */
const keys = new RecentMap<KeyObject>(recordLimits.keysKeptMax)

/** Whether a signature is the author's. Bytes that are no key sign nothing. */
export function isSignedBy(author: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, bytes, keyOf(author), signature)
  } catch {
    return false
  }
}

function keyOf(author: Uint8Array): KeyObject {
  return keys.getOrMake(Buffer.from(author).toString('hex'), () => {
    const der = Buffer.concat([subjectPublicKeyInfo, author])
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  })
}
