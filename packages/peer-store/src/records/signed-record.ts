import { decode, encode } from '@ipld/dag-cbor'
import { recordLimits } from '../limits.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { isCborWithin } from './cbor-bounds.ts'
import { isSignedBy, type Signer, signatureBytes } from './signer.ts'

/** What all records have in common. */
export interface Signed {
  /** The author's Ed25519 public key, 32 bytes. */
  readonly author: Uint8Array
  /** Ed25519 over the dag-cbor encoding of all the other fields. */
  readonly signature: Uint8Array
}

/** Says what keeps a value from being a record of some kind, in words; undefined if nothing does. */
export type FaultOf = (value: unknown) => string | undefined

/**
 * Signs and encodes a record.
 * @throws BlobRefusedError `malformed` (a field out of its bounds), `too-large`.
 */
export function encodeSigned<Fields extends object>(
  fields: Fields,
  signer: Signer,
  faultOf: FaultOf,
): { readonly record: Fields & Signed; readonly bytes: Uint8Array } {
  const unsigned = { ...fields, author: signer.publicKey }
  assertSound({ ...unsigned, signature: new Uint8Array(signatureBytes) }, faultOf) // not all can be encoded
  const record = { ...unsigned, signature: signer.sign(encode(unsigned)) }
  assertSound(record, faultOf)
  const bytes = encode(record)
  if (bytes.byteLength > recordLimits.blobBytesMax) {
    throw new BlobRefusedError('too-large', `a record of ${bytes.byteLength} bytes is too large for a blob`)
  }
  return { record, bytes }
}

/**
 * Decodes a value that may be a record, within bounds.
 * @throws BlobRefusedError `malformed`
 */
export function decodeBounded(bytes: Uint8Array): unknown {
  const { nestingMax, linksMax: elementsMax, itemsMax } = recordLimits
  const bounds = { nestingMax, elementsMax, itemsMax }
  if (!isCborWithin(bytes, bounds)) throw malformed('the bytes are no dag-cbor of a record’s shape')
  try {
    return decode(bytes)
  } catch (cause) {
    throw malformed('the bytes are no dag-cbor', cause)
  }
}

/**
 * Looks whether a decoded record is in its one form, and signed by its author.
 * @throws BlobRefusedError `malformed`, `bad-signature`
 */
export function assertGenuine(record: Signed, bytes: Uint8Array): void {
  // One record has one encoding, or one signature would be good for many CIDs.
  if (!Buffer.from(encode(record)).equals(bytes))
    throw malformed('the dag-cbor is not in its one strict form')
  const { signature, ...unsigned } = record
  if (isSignedBy(record.author, encode(unsigned), signature)) return
  throw new BlobRefusedError('bad-signature', 'the signature is not the author’s')
}

/** @throws BlobRefusedError `malformed` */
export function assertSound(value: unknown, faultOf: FaultOf): void {
  const fault = faultOf(value)
  if (fault !== undefined) throw malformed(fault)
}

function malformed(message: string, cause?: unknown): BlobRefusedError {
  return new BlobRefusedError('malformed', message, cause)
}
