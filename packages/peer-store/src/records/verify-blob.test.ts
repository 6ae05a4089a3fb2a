import { createHash, randomBytes } from 'node:crypto'
import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { describe, expect, test } from 'vitest'
import { recordLimits } from '../limits.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { isCborWithin } from './cbor-bounds.ts'
import { cidOf, codecs } from './cid.ts'
import { encodeDocument } from './document-record.ts'
import { verifyBlob } from './verify-blob.ts'

const bytes = new TextEncoder().encode('a blob')
const sha256 = createDigest(0x12, createHash('sha256').update(bytes).digest())
const seed = Number(process.env.LOCKKEEPER_SEED ?? Date.now() % 2 ** 31)

function reasonOf(blob: { cid: string; bytes: Uint8Array }): string | undefined {
  try {
    verifyBlob(blob)
  } catch (error) {
    if (error instanceof BlobRefusedError) return error.reason
    throw error
  }
  return undefined
}

describe('a blob is refused', () => {
  test('when its bytes are not those named', () => {
    expect(reasonOf({ cid: cidOf(new Uint8Array([1]), codecs.raw), bytes })).toBe('hash-mismatch')
  })

  test('when it is larger than a blob may be, before anything is hashed', () => {
    const large = new Uint8Array(recordLimits.blobBytesMax + 1)
    expect(reasonOf({ cid: 'never looked at', bytes: large })).toBe('too-large')
    expect(reasonOf({ cid: cidOf(large.subarray(1), codecs.raw), bytes: large.subarray(1) })).toBe(undefined)
  })

  test.each([
    ['nonsense', 'nonsense'],
    ['nothing', ''],
    ['version 0', CID.createV0(sha256).toString()],
    ['another codec', CID.createV1(0x0200, sha256).toString()],
    ['another hash', CID.createV1(codecs.raw, createDigest(0x13, new Uint8Array(64))).toString()],
    ['a cut hash', CID.createV1(codecs.raw, createDigest(0x12, sha256.digest.subarray(0, 16))).toString()],
    ['upper case', CID.createV1(codecs.raw, sha256).toString().toUpperCase()],
    ['text without end', 'b'.repeat(recordLimits.cidCharactersMax + 1)],
  ])('when its CID is %s', (_, cid) => {
    expect(reasonOf({ cid, bytes })).toBe('bad-cid')
  })
})

test('raw and dag-pb blobs pass by their hash alone', () => {
  for (const codec of [codecs.raw, codecs.dagPb]) {
    const cid = cidOf(bytes, codec)
    expect(verifyBlob({ cid, bytes })).toEqual({ cid, bytes })
  }
})

test('what was verified is a copy: the network may reuse its buffer', () => {
  const buffer = Buffer.from('a blob')
  const blob = verifyBlob({ cid: cidOf(buffer, codecs.raw), bytes: buffer })
  buffer.fill(0)
  expect(blob.bytes).toEqual(bytes)
})

describe('CBOR is measured before it is decoded', () => {
  const bounds = { nestingMax: 3, elementsMax: 10, itemsMax: 40 }

  test('nesting and elements have a bound', () => {
    expect(isCborWithin(encode([[['three']]]), bounds)).toBe(true)
    expect(isCborWithin(encode([[[['four']]]]), bounds)).toBe(false)
    expect(isCborWithin(encode(Array.from({ length: 11 }, () => 0)), bounds)).toBe(false)
    expect(reasonOfCbor(new Uint8Array(recordLimits.blobBytesMax).fill(0x81))).toBe('malformed')
  })

  test('items in all have a bound, or small lists in lists would be millions of objects', () => {
    const lists = (count: number) =>
      encode(Array.from({ length: 10 }, () => Array.from({ length: count }, () => 0)))
    expect(isCborWithin(lists(2), bounds)).toBe(true)
    expect(isCborWithin(lists(3), bounds)).toBe(false)
    const many = Array.from({ length: 100 }, () => Array.from({ length: recordLimits.linksMax }, () => 0))
    expect(reasonOfCbor(encode(many))).toBe('malformed')
  })

  test('the largest document there may be is within them', () => {
    const attributes = Array.from({ length: recordLimits.attributesMax }, (_, at) => [`${at}`, 'x'])
    const draft = { title: 'T', path: 'a.md', text: '', time: 1, attributes: Object.fromEntries(attributes) }
    const links = Array.from({ length: recordLimits.linksMax }, (_, at) => `${at}.md`)
    const stranger = { publicKey: randomBytes(32), sign: () => randomBytes(64) }
    expect(reasonOf(encodeDocument({ ...draft, links }, stranger))).toBe('bad-signature')
  })

  test('lengths beyond the end, indefinite lengths and trailing bytes are refused', () => {
    for (const hex of [
      '5bffffffffffffffff',
      '9b7fffffffffffffff',
      '5f',
      '9f',
      '42ff',
      '1b00',
      '0000',
      '',
      'fc',
    ]) {
      expect(isCborWithin(Buffer.from(hex, 'hex'), bounds)).toBe(false)
    }
  })

  test('whatever dag-cbor encodes within bounds is found within bounds', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        tie('leaf'),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value')),
      ),
      leaf: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.uint8Array(),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constant(null),
      ),
    }))
    fc.assert(
      fc.property(value, (sample) => {
        const encoded = encode(sample)
        const wide = { nestingMax: 1_000, elementsMax: 1_000_000, itemsMax: 10_000_000 }
        expect(isCborWithin(encoded, wide)).toBe(true)
        expect(isCborWithin(encoded.subarray(0, -1), wide)).toBe(false)
      }),
      { seed },
    )
    console.info(`cbor bounds: seed ${seed}`)
  })
})

test('whatever a peer sends, nothing but a refusal comes of it', () => {
  const stranger = { publicKey: randomBytes(32), sign: () => randomBytes(64) }
  const draft = { title: 'T', path: 'a/b.md', text: 'text '.repeat(20), links: ['c.md', 'd.md'], time: 1 }
  const sound = encodeDocument(draft, stranger).bytes
  const damaged = fc
    .tuple(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(sound.length),
    )
    .map(([changes, length]) => {
      const copy = Uint8Array.from(sound)
      for (const [at, byte] of changes) copy[at] = byte
      return copy.subarray(0, length)
    })
  const fields = fc.dictionary(
    fc.constantFrom(
      'title',
      'path',
      'text',
      'links',
      'author',
      'time',
      'signature',
      '__proto__',
      'constructor',
    ),
    fc.oneof(
      fc.string(),
      fc.integer(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(fc.string()),
      fc.constant(null),
    ),
    { minKeys: 5 },
  )
  const content = fc.oneof(
    fc.uint8Array({ size: 'large' }),
    damaged,
    fields.map((value) => encode(value)),
  )
  const codec = fc.constantFrom(...Object.values(codecs))
  const cidText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant(cidOf(bytes, codecs.raw)))

  fc.assert(
    fc.property(content, codec, fc.option(cidText), (payload, code, otherCid) => {
      const cid = otherCid ?? cidOf(payload, code)
      const reason = reasonOf({ cid, bytes: payload })
      if (otherCid !== null) expect(['bad-cid', 'hash-mismatch']).toContain(reason)
      else if (code === codecs.dagCbor) expect(['malformed', 'bad-signature']).toContain(reason)
      else expect(reason).toBe(undefined)
    }),
    { seed, numRuns: 2_000 },
  )
  console.info(`verifyBlob fuzz: seed ${seed}`)
})

function reasonOfCbor(payload: Uint8Array): string | undefined {
  return reasonOf({ cid: cidOf(payload, codecs.dagCbor), bytes: payload })
}
