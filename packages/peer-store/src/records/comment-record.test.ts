// Comments from strangers are checked as documents are: nothing but a refusal comes of a bad one, and each is counted by its kind.
import { encode } from '@ipld/dag-cbor'
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { recordLimits } from '../limits.ts'
import { BlobRefusedError } from './blob-refused-error.ts'
import { cidOf, codecs } from './cid.ts'
import { encodeComment } from './comment-record.ts'
import { RefusalCounts } from './refusal-counts.ts'
import { verifyBlob } from './verify-blob.ts'

const signer = author()
const document = documentOf(signer, { path: 'a.md' })
const good = encodeComment({ on: document.cid, text: 'Well said', time: 5 }, signer)

/** A dag-cbor blob of anything, under its right name. */
function blobOf(value: unknown) {
  const bytes = encode(value)
  return { cid: cidOf(bytes, codecs.dagCbor), bytes }
}

function reasonOf(
  blob: { cid: string; bytes: Uint8Array },
  counts = new RefusalCounts(),
): string | undefined {
  try {
    counts.verify(blob)
  } catch (error) {
    if (error instanceof BlobRefusedError) return error.reason
    throw error
  }
  return undefined
}

describe('a signed comment', () => {
  test('is itself again after encoding and verifying', () => {
    expect(verifyBlob(good).comment).toEqual(good.comment)
    expect(verifyBlob(good).document).toBeUndefined()
  })

  test.each<[string, object]>([
    ['on media', { on: cidOf(Uint8Array.of(1), codecs.raw) }],
    ['on no CID', { on: 'a.md' }],
    ['of another type', { type: 'like' }],
    ['with a field of its own', { extra: 1 }],
    ['too long', { text: 'x'.repeat(recordLimits.commentCharactersMax + 1) }],
    ['before 1970', { time: -1 }],
  ])('%s is malformed', (_, change) => {
    expect(reasonOf(blobOf({ ...good.comment, ...change }))).toBe('malformed')
  })

  test('that was changed after signing is not its author’s', () => {
    expect(reasonOf(blobOf({ ...good.comment, text: 'Badly said' }))).toBe('bad-signature')
  })
})

test('refused blobs are counted by reason', () => {
  const counts = new RefusalCounts()
  const deep = Uint8Array.from({ length: 100_000 }, () => 0x81) // lists in lists, and no end
  const huge = new Uint8Array(recordLimits.blobBytesMax + 1)
  const bad = [
    blobOf({ ...good.comment, text: 'Badly said' }),
    blobOf({ ...document.document, title: 'forged' }),
    { cid: cidOf(deep, codecs.dagCbor), bytes: deep },
    { cid: document.cid, bytes: good.bytes },
    { cid: cidOf(huge, codecs.raw), bytes: huge },
    { cid: 'bafynotreallyacid', bytes: good.bytes },
  ]
  for (const blob of bad) expect(reasonOf(blob, counts)).toBeDefined()
  expect(reasonOf(good, counts)).toBeUndefined()
  expect(counts.counts).toEqual({
    'bad-signature': 2,
    malformed: 1,
    'hash-mismatch': 1,
    'too-large': 1,
    'bad-cid': 1,
  })
})

test('whatever is done to a record, it is refused by type, or as good as before', () => {
  const records = [good, document, documentOf(signer, { path: 'b.md', text: 'x'.repeat(2_000) })]
  const damage = fc.record({
    record: fc.constantFrom(...records),
    at: fc.nat(),
    cut: fc.nat(40),
    bytes: fc.uint8Array({ maxLength: 12 }),
  })
  const counts = new RefusalCounts()
  const seen: Record<string, number> = {
    'too-large': 0,
    'bad-cid': 0,
    'hash-mismatch': 0,
    malformed: 0,
    'bad-signature': 0,
  }
  fc.assert(
    fc.property(damage, fc.boolean(), ({ record, at, cut, bytes }, renamed) => {
      const start = at % record.bytes.byteLength
      const rest = record.bytes.subarray(start + cut)
      const damaged = Buffer.concat([record.bytes.subarray(0, start), bytes, rest])
      const cid = renamed ? cidOf(damaged, codecs.dagCbor) : record.cid
      const reason = reasonOf({ cid, bytes: damaged }, counts)
      if (reason !== undefined) seen[reason] = (seen[reason] ?? 0) + 1
      if (Buffer.from(record.bytes).equals(damaged)) expect(reason).toBeUndefined()
      else if (!renamed) expect(reason).toBe('hash-mismatch')
      else expect(['malformed', 'bad-signature']).toContain(reason)
    }),
    seeded('damaged records', 1_000),
  )
  expect(counts.counts).toEqual(seen)
})

test('each kind of bad blob is refused as what it is, whatever else is in it, and counted so', () => {
  const { blobBytesMax, nestingMax } = recordLimits
  const signed = { ...good.comment, signature: undefined }
  const kinds = fc.oneof(
    fc.record({
      reason: fc.constant('too-large'),
      bytes: fc.nat(100).map((more) => new Uint8Array(blobBytesMax + 1 + more)),
    }),
    fc.record({
      reason: fc.constant('malformed'), // lists in lists, deeper than a record goes
      bytes: fc
        .tuple(fc.integer({ min: nestingMax + 1, max: 5_000 }), fc.uint8Array({ maxLength: 20 }))
        .map(([depth, rest]) => Buffer.concat([Buffer.alloc(depth, 0x81), rest])),
    }),
    fc.record({
      reason: fc.constant('malformed'), // no CBOR, or none of one item
      bytes: fc.uint8Array({ maxLength: 40 }).map((rest) => Buffer.concat([Buffer.from([0xff]), rest])),
    }),
    fc.record({
      reason: fc.constant('bad-signature'),
      bytes: fc
        .uint8Array({ minLength: 64, maxLength: 64 })
        .map((signature) => encode({ ...signed, signature })),
    }),
    fc.record({
      reason: fc.constant('hash-mismatch'),
      bytes: fc.uint8Array({ maxLength: 100 }),
      cid: fc.uint8Array({ minLength: 101, maxLength: 120 }).map((other) => cidOf(other, codecs.raw)),
    }),
    fc.record({
      reason: fc.constant('bad-cid'),
      bytes: fc.uint8Array({ maxLength: 100 }),
      cid: fc.string({ unit: 'binary', maxLength: 200 }).filter((text) => text.length !== 59),
    }),
  )
  const counts = new RefusalCounts()
  const seen: Record<string, number> = {}
  fc.assert(
    fc.property(kinds, (bad) => {
      const cid = 'cid' in bad ? bad.cid : cidOf(bad.bytes, codecs.dagCbor)
      expect(reasonOf({ cid, bytes: bad.bytes }, counts)).toBe(bad.reason)
      seen[bad.reason] = (seen[bad.reason] ?? 0) + 1
    }),
    seeded('bad blobs by kind', 300),
  )
  expect(counts.counts).toMatchObject(seen)
})
