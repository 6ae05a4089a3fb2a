// What is stored is known in the app's thread, exactly: a blob that would be taken for known and is not would be lost.
import { createHash } from 'node:crypto'
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { knownLimits } from '../limits.ts'
import { codecs } from '../records/cid.ts'
import type { Name } from '../records/multihash.ts'
import { KnownBlobs } from './known-blobs.ts'

const nameOf = (text: string, codec: number = codecs.raw): Name => ({
  codec,
  multihash: Buffer.concat([Buffer.from([0x12, 0x20]), createHash('sha256').update(text).digest()]),
})

describe('known blobs', () => {
  test('are those that were added and no others, however many, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 4_000 }), (added) => {
        const known = new KnownBlobs()
        for (const number of added) known.add(nameOf(String(number)))
        const members = new Set(added)
        expect(known.size).toBe(members.size)
        for (let number = 0; number < 3_200; number += 7)
          expect(known.has(nameOf(String(number)))).toBe(members.has(number))
      }),
      seeded('known blobs', 20),
    )
  })

  test('of equal first words are told apart', () => {
    const known = new KnownBlobs()
    const [one, two] = [nameOf('one'), nameOf('one')]
    two.multihash[33] = (two.multihash[33] ?? 0) ^ 1
    known.add(one)
    expect(known.has(two)).toBe(false)
    known.add(two)
    expect([known.has(one), known.has(two), known.size]).toEqual([true, true, 2])
  })

  test('stay as many as there is room for; past that the file is asked', () => {
    const known = new KnownBlobs(knownLimits.slotsMin)
    known.loaded()
    const most = knownLimits.slotsMin * knownLimits.fillMax
    for (let number = 0; number < most; number++) known.add(nameOf(String(number)))
    expect(known.isWhole).toBe(true)
    known.add(nameOf('one more'))
    expect([known.isWhole, known.size, known.has(nameOf('one more'))]).toEqual([false, most, false])
    expect(known.has(nameOf('0'))).toBe(true)
  })

  test('that there was no room for when the store was opened are asked of the file too', () => {
    const known = new KnownBlobs(knownLimits.slotsMin)
    const most = knownLimits.slotsMin * knownLimits.fillMax
    for (let number = 0; number <= most; number++) known.add(nameOf(String(number)))
    known.loaded()
    expect(known.isWhole).toBe(false)
  })

  test('need no room again, not for being records either', () => {
    const known = new KnownBlobs(knownLimits.slotsMin)
    known.loaded()
    const most = knownLimits.slotsMin * knownLimits.fillMax
    for (let number = 0; number < most; number++) known.add(nameOf(String(number)))
    known.add(nameOf('7', codecs.dagCbor))
    expect([known.isWhole, known.has(nameOf('7', codecs.dagCbor))]).toEqual([true, true])
  })

  test('as media are not known as records; as records they are known as media', () => {
    const known = new KnownBlobs()
    known.add(nameOf('a'))
    expect(known.has(nameOf('a', codecs.dagCbor))).toBe(false)
    known.add(nameOf('a', codecs.dagCbor))
    known.add(nameOf('a'))
    expect([known.has(nameOf('a')), known.has(nameOf('a', codecs.dagCbor))]).toEqual([true, true])
  })
})
