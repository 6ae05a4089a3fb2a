import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeNotes, type PeerNote } from './peer-note.ts'
import { noteOfHearsay, noteOfRefusals, noteOfSighting } from './peer-report.ts'
import type { PeerSighting } from './types.ts'

const sighting = (seenAt: number, fields: Partial<PeerSighting> = {}): PeerNote =>
  noteOfSighting(
    { id: 'p', addresses: [`/at/${seenAt}`], status: 'connected', seenAt, ...fields },
    { addresses: fields.addresses?.length !== 0, sighting: true, at: seenAt },
  )

describe('what is known of a peer', () => {
  test('is its newest status, and its newest addresses that are any', () => {
    const merged = mergeNotes(sighting(1), sighting(2, { addresses: [], status: 'disconnected' }))
    expect(merged).toMatchObject({
      sighting: { status: 'disconnected', at: 2 },
      connectedAt: 1,
      own: { list: ['/at/1'], at: 1 },
    })
  })

  test('keeps what others say of it apart from what it tells itself', () => {
    const merged = mergeNotes(sighting(1), noteOfHearsay({ id: 'p', addresses: ['/heard'] }, 9))
    expect(merged).toMatchObject({
      sighting: { at: 1 },
      own: { list: ['/at/1'], at: 1 },
      heard: { list: ['/heard'], at: 9 },
    })
  })

  test('counts failures and refused blobs whatever else it says, and keeps the last reason', () => {
    const failure = (at: number, reason: string) => sighting(at, { status: 'failed', addresses: [], reason })
    const merged = [
      failure(1, 'refused'),
      noteOfRefusals('p', 2),
      failure(2, 'timeout'),
      noteOfRefusals('p', 3),
    ]
    expect(merged.reduce(mergeNotes)).toMatchObject({
      refusedBlobs: 5,
      failedTimes: [1, 2],
      failed: { reason: 'timeout', at: 2 },
    })
  })

  test('comes out the same in whatever order and company its notes arrive (promise 6: they may wait)', () => {
    const at = fc.nat(1_000)
    const note = fc.oneof(
      at.map((ms) => sighting(ms)),
      at.map((ms) => sighting(ms, { addresses: [] })),
      at.map((ms) => sighting(ms, { addresses: [], status: 'failed', reason: `at ${ms}` })),
      at.map((ms) => noteOfHearsay({ id: 'p', addresses: [`/heard/${ms}`] }, ms)),
      fc.nat(9).map((count) => noteOfRefusals('p', count)),
    )
    const timeOf = (one: PeerNote): unknown => one.sighting?.at ?? one.heard?.at ?? {}
    const orders = fc
      .uniqueArray(note, { minLength: 2, maxLength: 12, selector: timeOf })
      .chain((notes) => fc.tuple(fc.constant(notes), fc.shuffledSubarray(notes, { minLength: notes.length })))
    fc.assert(
      fc.property(orders, ([notes, shuffled]) => {
        const whole = notes.reduce(mergeNotes)
        expect(shuffled.reduce(mergeNotes)).toEqual(whole)
        const middle = Math.floor(notes.length / 2)
        const [first, second] = [notes.slice(0, middle), notes.slice(middle)]
        expect(mergeNotes(first.reduce(mergeNotes), second.reduce(mergeNotes))).toEqual(whole)
      }),
      seeded('peer notes', 200),
    )
  })
})
