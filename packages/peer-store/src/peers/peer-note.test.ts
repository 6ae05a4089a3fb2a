import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { peerLimits } from '../limits.ts'
import type { PeerSighting } from '../types.ts'
import { mergeNotes, noteOfRefusals, noteOfSighting } from './peer-note.ts'

const sighting = (seenAt: number, fields: Partial<PeerSighting> = {}): PeerSighting => ({
  id: 'p',
  addresses: [`/at/${seenAt}`],
  status: 'connected',
  seenAt,
  ...fields,
})

describe('what is known of a peer', () => {
  test('is its newest status, and its newest addresses that are any', () => {
    const merged = mergeNotes(
      noteOfSighting(sighting(1)),
      noteOfSighting(sighting(2, { addresses: [], status: 'disconnected' })),
    )
    expect(merged).toEqual({
      id: 'p',
      sighting: { status: 'disconnected', at: 2 },
      addresses: { list: ['/at/1'], at: 1 },
      refusedBlobs: 0,
    })
  })

  test('counts refused blobs whatever else it says', () => {
    const merged = mergeNotes(
      mergeNotes(noteOfRefusals('p', 2), noteOfSighting(sighting(1))),
      noteOfRefusals('p', 3),
    )
    expect(merged).toMatchObject({ refusedBlobs: 5, sighting: { at: 1 } })
  })

  test('is bounded, and whole numbers', () => {
    const addresses = [
      'x'.repeat(peerLimits.addressCharactersMax + 1),
      ...Array.from({ length: 200 }, String),
    ]
    const note = noteOfSighting(sighting(1.5, { addresses }))
    expect(note.addresses?.list).toEqual(addresses.slice(1, 1 + peerLimits.addressesMax))
    expect(note.sighting?.at).toBe(1)
    expect(noteOfSighting(sighting(Number.NaN)).sighting?.at).toBe(0)
    expect(noteOfRefusals('p', Number.POSITIVE_INFINITY).refusedBlobs).toBe(0)
  })

  test('comes out the same in whatever order and company its notes arrive (promise 6: they may wait)', () => {
    const seed = Number(process.env.LOCKKEEPER_SEED ?? Date.now() % 2 ** 31)
    const note = fc.oneof(
      fc.nat(1_000).map((at) => noteOfSighting(sighting(at))),
      fc.nat(1_000).map((at) => noteOfSighting(sighting(at, { addresses: [] }))),
      fc.nat(9).map((count) => noteOfRefusals('p', count)),
    )
    const orders = fc
      .uniqueArray(note, { minLength: 2, maxLength: 12, selector: (one) => one.sighting?.at ?? {} })
      .chain((notes) => fc.tuple(fc.constant(notes), fc.shuffledSubarray(notes, { minLength: notes.length })))
    fc.assert(
      fc.property(orders, ([notes, shuffled]) => {
        const whole = notes.reduce(mergeNotes)
        expect(shuffled.reduce(mergeNotes)).toEqual(whole)
        const middle = Math.floor(notes.length / 2)
        const [first, second] = [notes.slice(0, middle), notes.slice(middle)]
        expect(mergeNotes(first.reduce(mergeNotes), second.reduce(mergeNotes))).toEqual(whole)
      }),
      { seed },
    )
    console.info(`peer notes: seed ${seed}`)
  })
})
