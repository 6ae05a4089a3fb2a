import { verify } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StartRefusedError } from '../cli/start-refused-error.ts'
import { createIdentity, readIdentity, writeIdentity } from './identity.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-identity-'))
  file = join(folder, 'identity.key')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a key is made once and read again, by its owner alone', async () => {
  expect(await readIdentity(file)).toBeUndefined()
  const made = createIdentity()
  await writeIdentity(file, made)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const read = await readIdentity(file)
  expect(read?.peerId).toBe(made.peerId)
  await expect(writeIdentity(file, createIdentity())).rejects.toThrow(StartRefusedError)
  expect((await readIdentity(file))?.peerId).toBe(made.peerId)
})

test('a node killed while it wrote its key leaves nothing that the next start trips over', async () => {
  await writeFile(`${file}.new`, '-----BEGIN PRI')
  expect(await readIdentity(file)).toBeUndefined()
  const made = createIdentity()
  await writeIdentity(file, made)
  expect((await readIdentity(file))?.peerId).toBe(made.peerId)
  expect(await readdir(folder)).toEqual(['identity.key'])
})

test('documents are signed by the key that peers know the node by', () => {
  const { peerId, signer } = createIdentity()
  const publicKey = publicKeyFromRaw(signer.publicKey)
  expect(peerIdFromPublicKey(publicKey).toString()).toBe(peerId)
  const message = Uint8Array.of(1, 2, 3)
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(signer.publicKey).toString('base64url') }
  expect(verify(null, message, { key: jwk, format: 'jwk' }, signer.sign(message))).toBe(true)
  expect(signer.sign(message)).toEqual(signer.sign(message))
})

test.each(['', 'not a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])(
  'a file that holds %j is refused and left alone',
  async (text) => {
    await writeFile(file, text)
    await expect(readIdentity(file)).rejects.toThrow(StartRefusedError)
    expect(await readFile(file, 'utf8')).toBe(text)
  },
)
