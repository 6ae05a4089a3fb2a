import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { author } from '../../fixtures/author.ts'
import { recordLimits } from '../limits.ts'
import type { VerifiedBlob } from '../types.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { cidOf, codecs } from './cid.ts'
import { type DocumentDraft, decodeDocument, encodeDocument } from './document-record.ts'
import { verifyBlob } from './verify-blob.ts'

const draft: DocumentDraft = {
  title: 'Start here',
  path: 'guides/start.md',
  text: '# Start here\n\nSee [the next](next.md).',
  links: ['next.md'],
  time: 1_700_000_000_000,
}

function reasonOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof BlobRefusedError) return error.reason
    throw error
  }
  return undefined
}

/** A dag-cbor blob of anything, under its right name. */
function blobOf(value: unknown) {
  const bytes = encode(value)
  return { cid: cidOf(bytes, codecs.dagCbor), bytes }
}

describe('a signed document', () => {
  test('is itself again after encoding and verifying', () => {
    const signer = author()
    const { cid, bytes, document } = encodeDocument(draft, signer)
    expect(verifyBlob({ cid, bytes }).document).toEqual({
      ...draft,
      author: signer.publicKey,
      signature: document?.signature,
    })
    expect(decodeDocument(bytes)).toEqual(document)
  })

  test('has one encoding: the same draft and key give the same CID', () => {
    const signer = author()
    expect(encodeDocument({ ...draft }, signer).cid).toBe(encodeDocument(draft, signer).cid)
  })

  test('is refused when any field was changed after signing', () => {
    const { document } = encodeDocument(draft, author())
    const changes = {
      title: 'x',
      path: 'x',
      text: 'x',
      links: [],
      time: 1,
      author: author().publicKey,
      signature: new Uint8Array(64),
    }
    for (const [field, value] of Object.entries(changes)) {
      expect(reasonOf(() => verifyBlob(blobOf({ ...document, [field]: value })))).toBe('bad-signature')
    }
  })

  test('is refused in any other encoding of the same fields, or one signature would name many blobs', () => {
    const { bytes } = encodeDocument(draft, author())
    expect(bytes[0]).toBe(0xa7) // a map of seven, as its shortest head
    const longer = Buffer.concat([Buffer.from([0xb8, 0x07]), bytes.subarray(1)])
    expect(reasonOf(() => verifyBlob({ cid: cidOf(longer, codecs.dagCbor), bytes: longer }))).toBe(
      'malformed',
    )
  })
})

describe('a document out of shape is refused, whoever signed it', () => {
  test.each<[string, Partial<DocumentDraft>]>([
    ['a path that climbs', { path: 'a/../b.md' }],
    ['a path from the root', { path: '/a.md' }],
    ['a path with an empty part', { path: 'a//b.md' }],
    ['no path', { path: '' }],
    ['a path with a line break', { path: 'a\nb.md' }],
    ['a path without end', { path: 'a'.repeat(recordLimits.pathCharactersMax + 1) }],
    ['a title of two lines', { title: 'a\nb' }],
    ['a title without end', { title: 'a'.repeat(recordLimits.titleCharactersMax + 1) }],
    ['half a character', { text: 'a\ud800b' }],
    ['a byte order mark', { text: '\ufefftext' }],
    ['links without number', { links: Array.from({ length: recordLimits.linksMax + 1 }, () => 'a.md') }],
    ['a link without end', { links: ['a'.repeat(recordLimits.linkCharactersMax + 1)] }],
    ['a time before time', { time: -1 }],
    ['half a millisecond', { time: 0.5 }],
  ])('%s', (_, change) => {
    expect(reasonOf(() => encodeDocument({ ...draft, ...change }, author()))).toBe('malformed')
  })

  test('one that is too large for a blob', () => {
    const text = 'a'.repeat(recordLimits.blobBytesMax)
    expect(reasonOf(() => encodeDocument({ ...draft, text }, author()))).toBe('too-large')
  })

  test('fields too many, too few, or of another kind', () => {
    const { document } = encodeDocument(draft, author())
    const { title: _, ...untitled } = { ...document }
    for (const value of [
      untitled,
      { ...document, extra: 1 },
      { ...document, links: 'next.md' },
      [],
      'text',
      null,
    ]) {
      expect(reasonOf(() => verifyBlob(blobOf(value)))).toBe('malformed')
    }
  })
})

test('whatever can be encoded passes verification, and comes out as it went in', () => {
  const seed = Number(process.env.LOCKKEEPER_SEED ?? Date.now() % 2 ** 31)
  const signer = author()
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ufeff', '\0', '__proto__'),
  )
  const drafts = fc.record({
    title: text,
    path: fc.oneof(text, fc.constant('a.md')),
    text: fc.array(text).map((parts) => parts.join('')),
    links: fc.array(text),
    time: fc.oneof(fc.maxSafeNat(), fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 53)),
  })
  let encoded = 0
  fc.assert(
    fc.property(drafts, (any) => {
      let blob: VerifiedBlob
      try {
        blob = encodeDocument(any, signer)
      } catch (error) {
        expect(error).toMatchObject({ reason: 'malformed' })
        return
      }
      encoded += 1
      expect(verifyBlob(blob).document).toMatchObject(any)
    }),
    { seed, numRuns: 1_000 },
  )
  console.info(`document round trip: seed ${seed}, ${encoded} encoded`)
  expect(encoded).toBeGreaterThan(50)
})
