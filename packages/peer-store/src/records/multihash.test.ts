// The store's own reading of CIDs agrees with the general one: for every text, or blobs would be looked up under other names.

import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { cidOf, codecs, parseCid } from './cid.ts'
import { cidFrom, compareCids, nameOf } from './multihash.ts'

const codec = fc.constantFrom(...Object.values(codecs))
const cid = fc.tuple(fc.uint8Array({ maxLength: 40 }), codec).map(([bytes, code]) => cidOf(bytes, code))

test('a CID is read as the general parser reads it, and written as it was', () => {
  fc.assert(
    fc.property(cid, (text) => {
      const parsed = parseCid(text)
      const name = nameOf(text)
      expect(name).toEqual({ codec: parsed.code, multihash: parsed.multihash.bytes })
      if (name !== undefined) expect(cidFrom(name)).toBe(text)
    }),
    seeded('names', 500),
  )
})

/** The one spelling of a CID of our kind, by the general parser. It keeps the text that it was given, so a new one is made. */
function canonical(text: string): string | undefined {
  try {
    const { version, code, multihash } = CID.parse(text)
    const isOurs = version === 1 && multihash.code === 0x12 && multihash.digest.byteLength === 32
    return isOurs && Object.values<number>(codecs).includes(code)
      ? CID.createV1(code, multihash).toString()
      : undefined
  } catch {
    return undefined
  }
}

function isStorable(text: string): boolean {
  try {
    parseCid(text)
    return true
  } catch {
    return false
  }
}

test('what the general parser refuses has no name, one character off too', () => {
  const damaged = fc
    .tuple(cid, fc.nat(58), fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567Bz1=é\0'))
    .map(([text, at, character]) => text.slice(0, at) + character + text.slice(at + 1))
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string()), (text) => {
      const isCid = canonical(text) === text
      expect([text, nameOf(text) !== undefined, isStorable(text)]).toEqual([text, isCid, isCid])
    }),
    seeded('damaged names', 1_000),
  )
})

test('CIDs have one order, that of their hashes', () => {
  fc.assert(
    fc.property(fc.array(cid, { maxLength: 20 }), (cids) => {
      const sorted = cids.toSorted(compareCids)
      const hex = sorted.map((text) => Buffer.from(nameOf(text)?.multihash ?? []).toString('hex'))
      expect(hex).toEqual(hex.toSorted())
    }),
    seeded('order of CIDs', 200),
  )
})
