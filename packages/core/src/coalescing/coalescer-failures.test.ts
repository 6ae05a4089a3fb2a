import { afterEach, describe, expect, test } from 'vitest'
import { peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { coalescerLimits } from './limits.ts'

afterEach(stopPlayedCoalescers)

describe('failed flushes', () => {
  test('are tried again after growing pauses, newest values first in line, never an older one again', async () => {
    const { clock, flush, peers, reaches } = playedCoalescer()
    peers.offer(peer('a', 1))
    void peers.flush()
    const first = await flush.next()
    peers.offer(peer('a', 2))
    first.fail({ code: 'sqlite-busy' })
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsFirst)
    const second = await flush.next()
    expect(second.values).toEqual([peer('a', 2)])
    second.fail({ code: 'sqlite-full' })
    await reaches('backingOff')
    clock.increment(2 * coalescerLimits.backoffMsFirst - 1)
    expect(flush.sizes).toEqual([1, 1])
    clock.increment(1)
    const third = await flush.next()
    third.commit()
    await reaches('empty')
    expect(flush.stored.get('a')).toBe(2)
    expect(peers.counts).toMatchObject({ offered: 2, merged: 1, flushed: 1, failed: 2 })
  })

  test('that ask to be repeated cost the values no try, and their pause is heeded', async () => {
    const { clock, flush, peers, reaches } = playedCoalescer()
    peers.offer(peer('a'))
    void peers.flush()
    for (let round = 0; round < 2 * coalescerLimits.triesMax; round += 1) {
      const refused = await flush.next()
      refused.fail({ code: 'lane-full', retryAfterMs: 4_000 })
      await reaches('backingOff')
      clock.increment(coalescerLimits.backoffMsMax)
    }
    const last = await flush.next()
    last.commit()
    await reaches('empty')
    expect(peers.counts.dropped.failed).toBe(0)
  })

  test('that are nobody’s fault are tried so many times, never in halves, and then given up', async () => {
    const { clock, flush, peers, reaches, dropped } = playedCoalescer()
    const puts = ['a', 'b'].map((id) => peers.put(peer(id)).outcome())
    void peers.flush()
    for (let round = 1; round <= coalescerLimits.triesMax; round += 1) {
      const refused = await flush.next()
      expect(refused.values).toEqual([peer('a'), peer('b')])
      refused.fail({ code: 'sqlite-ioerr-write' })
      if (round < coalescerLimits.triesMax) await reaches('backingOff')
      clock.increment(coalescerLimits.backoffMsMax)
    }
    for (const put of puts) expect(await put).toMatchObject({ outcome: 'not-stored' })
    expect(peers.counts).toMatchObject({ splits: 0, dropped: { full: 0, failed: 2, closed: 0 } })
    expect(dropped).toEqual({ 'peers.upsertMany: sqlite-ioerr-write': 2 })
  })

  test('of unknown outcome are repeated, and what is given up later is never called not stored (promise 3)', async () => {
    const { clock, flush, peers, reaches } = playedCoalescer()
    const put = peers.put(peer('a')).outcome()
    void peers.flush()
    const first = await flush.next()
    first.fail({ code: 'sqlite-ioerr-fsync', outcome: 'unknown' })
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsFirst)
    const second = await flush.next()
    second.fail({ code: 'sqlite-constraint-check' })
    expect(await put).toMatchObject({ outcome: 'unknown', error: { code: 'sqlite-constraint-check' } })
  })

  test('of a writer that has stopped for good are not tried again', async () => {
    const { flush, peers, reaches } = playedCoalescer()
    const put = peers.put(peer('a')).catch((error: unknown) => error)
    void peers.flush().catch(() => {})
    const refused = await flush.next()
    refused.fail({ code: 'writer-stopped' })
    expect(await put).toMatchObject({ code: 'writer-stopped' })
    await reaches('empty')
  })
})

describe('closing (promise 13: nothing is lost silently)', () => {
  test('joins the flush under way, flushes the rest, then stops', async () => {
    const { drains, flush, peers, actor } = playedCoalescer()
    for (const id of ['a', 'b', 'c', 'd']) peers.offer(peer(id))
    const first = await flush.next()
    const closed = Promise.all([...drains].map((drain) => drain({ deadlineMs: 1_000 })))
    expect(peers.offer(peer('e'))).toBe(false)
    first.commit()
    const second = await flush.next()
    expect(second.values).toEqual([peer('d')])
    second.commit()
    await closed
    expect(actor.getSnapshot().value).toBe('stopped')
    expect(peers.counts.dropped).toEqual({ full: 0, failed: 0, closed: 1 })
    expect(drains.size).toBe(0)
    expect(await peers.close()).toEqual({ notWritten: 0 })
  })

  test('at its deadline drops the rest, counted, and tells its waiters; the flush in flight still settles', async () => {
    const { clock, flush, peers } = playedCoalescer({ overflow: 'wait', itemsHeldMax: 2, itemsMax: 1 })
    const inFlight = peers.put(peer('a'))
    const first = await flush.next()
    const held = peers.put(peer('b')).catch((error: unknown) => error)
    const waiting = peers.put(peer('c')).catch((error: unknown) => error)
    const closed = peers.close({ deadlineMs: 200 })
    clock.increment(200)
    expect(await closed).toEqual({ notWritten: 2 })
    expect(await held).toMatchObject({ code: 'closed', outcome: 'not-stored' })
    expect(await waiting).toMatchObject({ code: 'closed', outcome: 'not-stored' })
    first.commit()
    await inFlight
    expect(flush.stored.has('a')).toBe(true)
  })

  test('a flush that fails after the deadline is nobody’s to retry: its waiters hear of it', async () => {
    const { clock, flush, peers } = playedCoalescer()
    const put = peers.put(peer('a')).catch((error: unknown) => error)
    void peers.flush().catch(() => {})
    const first = await flush.next()
    const closed = peers.close({ deadlineMs: 10 })
    clock.increment(10)
    await closed
    first.fail({ code: 'lane-full' })
    expect(await put).toMatchObject({ code: 'lane-full' })
    expect(peers.counts.dropped.failed).toBe(1)
  })

  test('a system that stops without draining leaves nobody waiting', async () => {
    const { actor, peers } = playedCoalescer()
    const put = peers.put(peer('a')).catch((error: unknown) => error)
    actor.stop()
    expect(await put).toMatchObject({ code: 'closed', outcome: 'not-stored' })
    expect(peers.offer(peer('b'))).toBe(false)
    await peers.close()
  })
})
