// Promise 12: a bound, and what becomes of what does not fit, as declared.
import { afterEach, describe, expect, test } from 'vitest'
import { type Peer, peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import type { CoalescerOverflow } from './types.ts'

afterEach(stopPlayedCoalescers)

/** Holds `a` in flight and `b`, `c` behind it: its fill. */
async function filled(overflow: CoalescerOverflow) {
  const played = playedCoalescer({ overflow, itemsMax: 1, itemsHeldMax: 3 })
  const waiting = ['a', 'b', 'c'].map((id) => played.peers.put(peer(id)).outcome())
  const flight = await played.flush.next()
  return { ...played, waiting, flight }
}

async function commitAll({ flush }: { flush: ReturnType<typeof playedCoalescer>['flush'] }, count: number) {
  const ids: string[] = []
  for (let done = 0; done < count; done += 1) {
    const flight = await flush.next()
    ids.push(...flight.values.map(({ id }: Peer) => id))
    flight.commit()
  }
  return ids
}

describe('when its fill is held, a new key', () => {
  test('is dropped: counted as a loss by label and code, and who put it is told when to come again', async () => {
    const { peers, dropped } = await filled('drop')
    expect(peers.offer(peer('d'))).toBe(false)
    const { outcome, error } = (await peers.put(peer('e')).outcome()) as { outcome: string; error: object }
    expect([outcome, error]).toMatchObject(['not-stored', { code: 'queue-full', retryable: true }])
    expect(error).toMatchObject({ retryAfterMs: expect.any(Number), stage: 'admission' })
    expect(peers.counts).toMatchObject({ rejected: 0, dropped: { full: 2, failed: 0, closed: 0 } })
    expect(dropped).toEqual({ 'peers.upsertMany: queue-full': 2 })
  })

  test('is rejected: nothing counts as lost, for whoever brought it has it still', async () => {
    const { peers, dropped } = await filled('reject')
    expect(peers.offer(peer('d'))).toBe(false)
    expect(await peers.put(peer('e')).outcome()).toMatchObject({
      error: { code: 'queue-full', retryable: true, retryAfterMs: expect.any(Number) },
    })
    expect(peers.counts).toMatchObject({
      offered: 5,
      rejected: 2,
      dropped: { full: 0, failed: 0, closed: 0 },
    })
    expect(dropped).toEqual({})
  })

  test('takes the place of the oldest that does not fly, whose waiters are told', async () => {
    const played = await filled('drop-oldest')
    expect(played.peers.offer(peer('d'))).toBe(true)
    expect(await played.waiting[1]).toMatchObject({ outcome: 'not-stored', error: { code: 'queue-full' } })
    expect(played.peers.counts).toMatchObject({
      held: 2,
      inFlight: 1,
      dropped: { full: 1, failed: 0, closed: 0 },
    })
    expect(played.dropped).toEqual({ 'peers.upsertMany: queue-full': 1 })
    played.flight.commit()
    expect(await commitAll(played, 2)).toEqual(['c', 'd'])
    expect(await played.waiting[0]).toMatchObject({ outcome: 'committed' })
  })

  test('waits for room, if it was put', async () => {
    const played = await filled('wait')
    const waits = played.peers.put(peer('d')).outcome()
    expect(played.peers.counts).toMatchObject({ waiting: 1, dropped: { full: 0 } })
    played.flight.commit()
    expect(await commitAll(played, 3)).toEqual(['b', 'c', 'd'])
    expect(await waits).toMatchObject({ outcome: 'committed' })
  })

  test('finds room in no way where all that is held is in flight', async () => {
    const played = playedCoalescer({ overflow: 'drop-oldest', itemsMax: 3, itemsHeldMax: 3 })
    for (const id of ['a', 'b', 'c']) played.peers.offer(peer(id))
    const flight = await played.flush.next()
    expect(played.peers.offer(peer('d'))).toBe(false)
    flight.commit()
    await played.reaches('empty')
    expect(played.peers.offer(peer('d'))).toBe(true)
  })
})

test('a coalescer that is nearly full flushes, however young and few its values are', async () => {
  const { flush, peers } = playedCoalescer({ itemsMax: 1_000, itemsHeldMax: 8 })
  for (const id of ['a', 'b', 'c', 'd', 'e']) peers.offer(peer(id))
  expect(flush.sizes).toEqual([])
  peers.offer(peer('f'))
  const flight = await flush.next()
  expect(flight.values).toHaveLength(6)
  flight.commit()
})
