import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { encodeComment, encodeDocument, type Signer } from '@lockkeeper/peer-store'
import { corpus } from '../limits-peer-store.ts'
import type { CorpusBlob } from './corpus.ts'

/** What RFC 8410 puts before the 32 bytes of an Ed25519 private key. */
const privateKeyInfo = Buffer.from('302e020100300506032b657004220420', 'hex')
const firstTime = Date.UTC(2025, 0, 1)

/** Signed records as a network of ours has them: versions of documents that link to each other, and comments on them. */
export class RecordMaker {
  readonly #random: () => number
  readonly #authors: readonly Signer[]
  readonly #words: readonly string[]
  readonly #paths = new Map<string, number>()
  readonly #documentCount: number
  /** What can be commented on. */
  readonly #cids: string[] = []
  #made = 0

  /** @param records how many will be made. */
  constructor(random: () => number, records: number) {
    this.#random = random
    this.#authors = Array.from({ length: corpus.authors }, () => makeSigner(random))
    this.#words = Array.from({ length: corpus.words }, () => makeWord(random))
    this.#documentCount = Math.max(1, Math.round(records / corpus.recordsPerDocument))
  }

  /** Documents that have a version by now. */
  get documents(): number {
    return this.#paths.size
  }

  next(): CorpusBlob {
    const blob = this.#random() < corpus.commentShare ? this.#comment() : this.#document()
    this.#cids.push(blob.cid)
    return blob
  }

  #document(): CorpusBlob {
    const { path, author } = this.#place()
    this.#paths.set(path, (this.#paths.get(path) ?? 0) + 1)
    const links = Array.from({ length: this.#whole(0, corpus.linksMax) }, () =>
      this.#random() < 0.5 ? `/${this.#place().path}` : (this.#anyCid() ?? 'https://example.org/'),
    )
    const text = this.#text(this.#whole(corpus.recordBytesMin, corpus.recordBytesMax) - corpus.documentBytes)
    return encodeDocument({ title: this.#text(40), path, text, links, time: this.#time() }, author)
  }

  #comment(): CorpusBlob {
    const on = this.#anyCid()
    if (on === undefined) return this.#document()
    const author = this.#authors[this.#whole(0, this.#authors.length - 1)] as Signer
    const text = this.#text(this.#whole(corpus.recordBytesMin, corpus.recordBytesMax) - corpus.commentBytes)
    return encodeComment({ on, text, time: this.#time() }, author)
  }

  #place(): { readonly path: string; readonly author: Signer } {
    const number = this.#whole(0, this.#documentCount - 1)
    const author = this.#authors[number % this.#authors.length] as Signer
    return { path: `${this.#words[number % 97]}/${this.#words[number % 89]}-${number}.md`, author }
  }

  #anyCid(): string | undefined {
    return this.#cids[Math.floor(this.#random() * this.#cids.length)]
  }

  /** Words as texts have them: few come often, most seldom. */
  #text(bytes: number): string {
    const words: string[] = []
    for (let left = bytes; left > 0; ) {
      const word = this.#words[Math.floor(this.#words.length ** this.#random()) - 1] ?? 'and'
      words.push(word)
      left -= word.length + 1
    }
    return words.join(' ') || 'and'
  }

  #time(): number {
    return firstTime + ++this.#made * 1_000
  }

  #whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1))
  }
}

function makeSigner(random: () => number): Signer {
  const seed = Buffer.from(Array.from({ length: 32 }, () => Math.floor(random() * 256)))
  const key = createPrivateKey({ key: Buffer.concat([privateKeyInfo, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  }
}

function makeWord(random: () => number): string {
  const letters = Array.from({ length: 3 + Math.floor(random() * 8) }, () => 97 + Math.floor(random() * 26))
  return String.fromCharCode(...letters)
}
