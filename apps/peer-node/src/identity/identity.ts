import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Signer } from '@lockkeeper/peer-store'
import { StartRefusedError } from '../cli/start-refused-error.ts'

/** Who a node is: one Ed25519 key, by which it proves itself to peers and signs its documents. */
export interface Identity {
  /** libp2p's peer id, as text; made of the public key. */
  readonly peerId: string
  /** The key as libp2p takes it. */
  readonly privateKey: PrivateKey
  /** The key as the store's documents are signed. */
  readonly signer: Signer
  /** The key as it lies in the data folder: PKCS #8 in PEM, which other tools read too. */
  readonly pem: string
}

export function createIdentity(): Identity {
  return identityOf(generateKeyPairSync('ed25519').privateKey)
}

/**
 * Reads a node's key.
 * @returns undefined if there is none yet.
 * @throws StartRefusedError if the file is something else, rather than writing a new key over it.
 */
export async function readIdentity(file: string): Promise<Identity | undefined> {
  let pem: string
  try {
    pem = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StartRefusedError(`cannot read the node's key: ${(error as Error).message}`)
  }
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key')
    return identityOf(key)
  } catch {
    throw new StartRefusedError(
      `${file} is not an Ed25519 key; put the node's own key back or choose another folder`,
    )
  }
}

/**
 * Stores a new key, readable by its owner alone. It appears whole or not at all: a node killed meanwhile leaves no piece of a
 * key, which every later start would refuse.
 * @throws StartRefusedError if one is there already, or it cannot be written.
 */
export async function writeIdentity(file: string, identity: Identity): Promise<void> {
  const draft = `${file}.new`
  try {
    if (await isThere(file)) throw new Error(`${file} exists`)
    await rm(draft, { force: true }) // what a killed start has left
    await writeFile(draft, identity.pem, { mode: 0o600, flag: 'wx', flush: true })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw new StartRefusedError(`cannot write the node's key: ${(error as Error).message}`)
  }
}

/** Whether there is anything of that name, a link to nothing included. */
async function isThere(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined
}

function identityOf(key: KeyObject): Identity {
  const { d: seed, x: publicKey } = key.export({ format: 'jwk' })
  if (seed === undefined || publicKey === undefined) throw new Error('an Ed25519 key without its two halves')
  const publicBytes = Buffer.from(publicKey, 'base64url')
  const privateKey = privateKeyFromRaw(Buffer.concat([Buffer.from(seed, 'base64url'), publicBytes]))
  return {
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    privateKey,
    signer: {
      publicKey: new Uint8Array(publicBytes),
      sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
    },
    pem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
