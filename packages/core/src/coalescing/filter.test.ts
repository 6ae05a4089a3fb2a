// Values that would change nothing are not written (promise 6: without a look into the database).
import { afterEach, describe, expect, test } from 'vitest'
import { type Peer, peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { coalescerLimits } from './limits.ts'

afterEach(stopPlayedCoalescers)

/** Last seen, at a resolution of 15 s. */
const changes = (next: Peer, last: Peer) => Math.abs(next.seenAt - last.seenAt) >= 15

async function stored(played: ReturnType<typeof playedCoalescer>, ...values: Peer[]) {
  for (const value of values) played.peers.offer(value)
  const done = played.peers.flush()
  const flight = await played.flush.next()
  flight.commit()
  await done
}

describe('the filter', () => {
  test('lets through what is new against what was written last, and counts the rest', async () => {
    const played = playedCoalescer({ changes })
    await stored(played, peer('a', 100))
    expect(played.peers.offer(peer('a', 114))).toBe(true)
    expect(played.peers.counts).toMatchObject({ offered: 2, filtered: 1, held: 0 })
    await stored(played, peer('a', 115))
    expect(played.peers.offer(peer('a', 129))).toBe(true)
    expect(played.peers.counts).toMatchObject({ offered: 4, filtered: 2, flushed: 2, held: 0 })
    await played.reaches('empty')
  })

  test('compares with what is on its way, so that a return to the stored value is not lost', async () => {
    const played = playedCoalescer({ changes })
    await stored(played, peer('a', 100))
    played.peers.offer(peer('a', 200))
    played.peers.offer(peer('a', 100))
    await stored(played)
    expect(played.flush.stored.get('a')).toBe(100)
    expect(played.peers.counts).toMatchObject({ filtered: 0, merged: 1 })
  })

  test('takes what failed for not written', async () => {
    const played = playedCoalescer({ changes })
    await stored(played, peer('a', 100))
    played.peers.offer(peer('a', 200))
    void played.peers.flush()
    const flight = await played.flush.next()
    expect(played.peers.offer(peer('a', 201))).toBe(true) // says no more than what is in flight
    flight.fail()
    await played.reaches('empty')
    expect(played.peers.counts).toMatchObject({ filtered: 1, dropped: { failed: 1 } })
    await stored(played, peer('a', 202))
    expect(played.flush.stored.get('a')).toBe(202)
  })

  test('remembers nothing of a key whose last flush may or may not be stored', async () => {
    const played = playedCoalescer({ changes })
    await stored(played, peer('a', 100))
    played.peers.offer(peer('a', 200))
    void played.peers.flush()
    for (let round = 0; round < coalescerLimits.triesMax; round += 1) {
      const flight = await played.flush.next()
      flight.fail({ code: 'sqlite-ioerr-fsync', outcome: 'unknown' })
      if (round < coalescerLimits.triesMax - 1) await played.reaches('backingOff')
      played.clock.increment(coalescerLimits.backoffMsMax)
    }
    await played.reaches('empty')
    await stored(played, peer('a', 100)) // equal to what was written before
    expect(played.flush.stored.get('a')).toBe(100)
  })

  test('answers a put with the outcome of what already says it', async () => {
    const played = playedCoalescer({ changes })
    await stored(played, peer('a', 100))
    expect(await played.peers.put(peer('a', 101)).outcome()).toMatchObject({ outcome: 'committed' })
    played.peers.offer(peer('a', 200))
    void played.peers.flush()
    const flight = await played.flush.next()
    const same = played.peers.put(peer('a', 201)).outcome()
    flight.fail()
    expect(await same).toMatchObject({ outcome: 'not-stored', error: { code: 'sqlite-constraint-check' } })
  })

  test('is told when the rows were changed by another road', async () => {
    const played = playedCoalescer({ changes })
    await stored(played, peer('a', 100), peer('b', 100))
    played.peers.forget('a')
    played.peers.offer(peer('a', 101))
    played.peers.offer(peer('b', 101))
    expect(played.peers.counts).toMatchObject({ filtered: 1, held: 1 })
    played.peers.forget()
    played.peers.offer(peer('b', 101))
    expect(played.peers.counts.held).toBe(2)
  })

  test('takes what flies for no news of a row that was changed by another road meanwhile, before it or after', async () => {
    const played = playedCoalescer({ changes })
    played.peers.offer(peer('a', 100))
    played.peers.offer(peer('b', 100))
    const done = played.peers.flush()
    const flight = await played.flush.next()
    played.peers.forget('a') // its row was deleted
    played.peers.offer(peer('a', 101))
    played.peers.offer(peer('b', 101))
    expect(played.peers.counts).toMatchObject({ filtered: 1, held: 1 })
    flight.commit()
    await done
    await stored(played)
    expect(played.flush.stored.get('a')).toBe(101)
    expect(played.peers.offer(peer('a', 103))).toBe(true)
    expect(played.peers.counts).toMatchObject({ filtered: 2, held: 0 })
  })

  test('remembers nothing of a flush that landed after it was told to forget', async () => {
    const played = playedCoalescer({ changes })
    for (const forgotten of ['a', undefined]) {
      played.peers.offer(peer('a', 100))
      const done = played.peers.flush()
      const flight = await played.flush.next()
      played.peers.forget(forgotten)
      flight.commit()
      await done
      expect(played.peers.counts.filtered).toBe(0)
    }
    played.peers.offer(peer('a', 100))
    expect(played.peers.counts).toMatchObject({ filtered: 0, held: 1 })
  })

  test('trusts a value again that flies once more after it was told to forget', async () => {
    const played = playedCoalescer({ changes })
    played.peers.offer(peer('a', 100))
    void played.peers.flush()
    const first = await played.flush.next()
    played.peers.forget('a')
    first.fail({ code: 'sqlite-busy' })
    await played.reaches('backingOff')
    played.peers.offer(peer('a', 101))
    played.clock.increment(coalescerLimits.backoffMsFirst)
    const second = await played.flush.next()
    second.commit()
    await played.reaches('empty')
    played.peers.offer(peer('a', 102))
    expect(played.peers.counts).toMatchObject({ filtered: 2, held: 0 })
  })

  test('with a merge function remembers what both flushes made of a key', async () => {
    const played = playedCoalescer({
      merge: (older, newer) => ({ id: newer.id, seenAt: older.seenAt + newer.seenAt }),
      changes: (next, last) => last.seenAt + next.seenAt > 10 && last.seenAt <= 10,
    })
    await stored(played, peer('a', 6))
    await stored(played, peer('a', 5))
    expect(played.peers.offer(peer('a', 5))).toBe(true)
    expect(played.peers.counts).toMatchObject({ filtered: 1, held: 0 })
  })
})
