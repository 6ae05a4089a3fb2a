import { afterEach, describe, expect, test } from 'vitest'
import { peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'

afterEach(stopPlayedCoalescers)

describe('when it flushes', () => {
  test('by age: the oldest value waits for company no longer than it may', async () => {
    const { clock, flush, peers, actor, reaches } = playedCoalescer()
    expect(actor.getSnapshot().value).toBe('empty')
    peers.offer(peer('a'))
    clock.increment(60)
    peers.offer(peer('b'))
    clock.increment(39)
    expect(actor.getSnapshot().value).toBe('gathering')
    clock.increment(1)
    const first = await flush.next()
    expect(first.values).toEqual([peer('a'), peer('b')])
    first.commit()
    await reaches('empty')
    expect(peers.counts).toMatchObject({ offered: 2, flushed: 2, flushes: 1, held: 0, inFlight: 0 })
  })

  test('by size, without a turn of the clock, and on with the rest', async () => {
    const { flush, peers } = playedCoalescer()
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) peers.offer(peer(id))
    const first = await flush.next()
    first.commit()
    const second = await flush.next()
    second.commit()
    expect(flush.sizes).toEqual([3, 3])
  })

  test('on demand, and the demand is answered after the commit', async () => {
    const { flush, peers } = playedCoalescer()
    peers.offer(peer('a'))
    const flushed = peers.flush()
    const first = await flush.next()
    peers.offer(peer('late'))
    first.commit()
    await flushed
    expect([...flush.stored]).toEqual([['a', 1]])
    expect(peers.counts.held).toBe(1)
  })

  test('a flush of nothing is answered at once', async () => {
    await playedCoalescer().peers.flush()
  })
})

describe('offers (promise 6: best effort never blocks its caller)', () => {
  test('are taken while a flush is in flight, refused when the fill is held, and counted', async () => {
    const { flush, peers } = playedCoalescer()
    for (const id of ['a', 'b', 'c']) peers.offer(peer(id))
    const first = await flush.next()
    expect(['d', 'e', 'f'].map((id) => peers.offer(peer(id)))).toEqual([true, true, true])
    expect(peers.offer(peer('g'))).toBe(false)
    expect(peers.offer(peer('d', 2))).toBe(true)
    expect(peers.counts).toMatchObject({ offered: 8, merged: 1, held: 3, inFlight: 3 })
    expect(peers.counts.dropped).toEqual({ full: 1, failed: 0, closed: 0 })
    first.commit()
    const second = await flush.next()
    expect(second.values).toContainEqual(peer('d', 2))
    second.commit()
  })

  test('a value is copied when it is taken in: its caller may go on to change it', async () => {
    const { flush, peers } = playedCoalescer()
    const mine = { id: 'a', seenAt: 1 }
    peers.offer(mine)
    mine.seenAt = 99
    void peers.flush()
    const first = await flush.next()
    expect(first.values).toEqual([peer('a', 1)])
    first.commit()
  })

  test('cost the machine two events per batch, not one per value (queues stay out of machines)', async () => {
    const seen: string[] = []
    const { flush, peers, actor } = playedCoalescer({ itemsMax: 1_000, itemsHeldMax: 10_000 })
    actor.system.inspect((event) => {
      if (event.type === '@xstate.event' && event.actorRef === actor) seen.push(event.event.type)
    })
    for (let index = 0; index < 1_000; index += 1) peers.offer(peer(`p${index}`))
    expect(seen).toEqual(['arrived', 'full'])
    const context = JSON.parse(JSON.stringify(actor.getSnapshot().context))
    expect(context.work).toEqual({
      name: 'peer-writer',
      held: 1_000,
      inFlight: 0,
      bytes: expect.any(Number),
      waiting: 0,
    })
    const first = await flush.next()
    first.commit()
  })
})

describe('puts', () => {
  test('all who put under one key hear of the commit that carried its newest value', async () => {
    const { flush, peers } = playedCoalescer()
    const both = Promise.all([peers.put(peer('a', 1)), peers.put(peer('a', 2))])
    void peers.flush()
    const first = await flush.next()
    expect(first.values).toEqual([peer('a', 2)])
    first.commit()
    await both
  })

  test('wait for room when the fill is held, in order; offers do not pass them (promise 12: overflow wait)', async () => {
    const { flush, peers } = playedCoalescer({ overflow: 'wait' })
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const all = peers.putMany(ids.map((id) => peer(id)))
    expect(peers.counts).toMatchObject({ waiting: 2, held: 6 })
    expect(peers.offer(peer('a', 2))).toBe(false)
    for (let batch = 0; batch < 3; batch += 1) {
      const next = await flush.next()
      if (batch === 2) void peers.flush()
      next.commit()
      if (batch === 1) void peers.flush()
    }
    await all
    expect([...flush.stored.keys()]).toEqual(ids)
  })

  test('are refused when the fill is held and the overflow is drop', async () => {
    const { peers } = playedCoalescer({ itemsHeldMax: 1 })
    peers.offer(peer('a'))
    const refusal = await peers.put(peer('b')).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'queue-full', outcome: 'not-stored', retryable: true })
    expect(peers.counts.dropped.full).toBe(1)
  })

  test('an abort ends the wait, and says whether anything was taken in (promise 15)', async () => {
    const { peers } = playedCoalescer({ overflow: 'wait' })
    const abort = new AbortController()
    for (const id of ['a', 'b', 'c', 'd', 'e']) peers.offer(peer(id))
    const half = peers
      .putMany([peer('f'), peer('g')], { signal: abort.signal })
      .catch((error: unknown) => error)
    const none = peers.put(peer('h'), { signal: abort.signal }).catch((error: unknown) => error)
    abort.abort(new Error('enough'))
    expect(await half).toMatchObject({ code: 'aborted', outcome: 'unknown' })
    expect(await none).toMatchObject({ code: 'aborted', outcome: 'not-stored' })
    expect(peers.counts.waiting).toBe(0)
  })

  test('a value that cannot be copied is its own caller’s error, and nobody else’s', async () => {
    const { flush, peers } = playedCoalescer({ overflow: 'wait' })
    const bad = { id: 'bad', seenAt: 1, listener: () => {} }
    const refusal = await peers.put(bad).catch((error: unknown) => error)
    expect(isLockkeeperError(refusal, 'invalid-argument')).toBe(true)
    const sound = peers.put(peer('a'))
    void peers.flush()
    const first = await flush.next()
    first.commit()
    await sound
  })
})
