import { afterEach, describe, expect, test } from 'vitest'
import { type Actor, type AnyActorLogic, createActor, SimulatedClock, waitFor } from 'xstate'
import { GatedFlush, type Peer, peer } from '../../fixtures/gated-flush.ts'
import { coalescer } from './coalescer.ts'
import { coalescerLimits } from './limits.ts'
import type { coalescerMachine } from './machine.ts'
import type { CoalescerHost, CoalescerOptions } from './types.ts'

const actors: Actor<AnyActorLogic>[] = []
afterEach(() => {
  for (const actor of actors.splice(0)) actor.stop()
})

/** A coalescer on a simulated clock, in an actor system of its own, with its flushes held at a gate. */
function setUp(options: Partial<CoalescerOptions<Peer>> = {}) {
  const clock = new SimulatedClock()
  const drains = new Set<(options: { readonly deadlineMs: number }) => Promise<void>>()
  const flush = new GatedFlush()
  const host: CoalescerHost = {
    spawn: (logic, { systemId, input }) => {
      const actor = createActor<AnyActorLogic>(logic, { systemId, input, clock })
      actors.push(actor.start())
      return actor as never
    },
    beforeClose: (drain) => {
      drains.add(drain)
      return () => drains.delete(drain)
    },
  }
  const peers = coalescer<Peer>(host, {
    name: 'peer-writer',
    key: ({ id }) => id,
    flush,
    itemsMax: 3,
    ageMsMax: 100,
    itemsHeldMax: 6,
    clock,
    ...options,
  })
  const actor = actors.at(-1) as Actor<typeof coalescerMachine>
  const reaches = (state: string) => waitFor(actor, ({ value }) => value === state)
  return { clock, drains, flush, peers, actor, reaches }
}

describe('failed flushes', () => {
  test('are tried again after growing pauses, newest values first in line, never an older one again', async () => {
    const { clock, flush, peers, reaches } = setUp()
    peers.offer(peer('a', 1))
    void peers.flush()
    const first = await flush.next()
    peers.offer(peer('a', 2))
    first.fail({})
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsFirst)
    const second = await flush.next()
    expect(second.values).toEqual([peer('a', 2)])
    second.fail({})
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
    const { clock, flush, peers, reaches } = setUp()
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

  test('a poisonous batch is given up after its tries, its waiters told, and the actor goes on (promise 3)', async () => {
    const { clock, flush, peers, reaches } = setUp()
    const poisoned = peers.put(peer('poison')).catch((error: unknown) => error)
    const flushed = peers.flush().catch((error: unknown) => error)
    let sound: Promise<void> | undefined
    for (let round = 1; round <= coalescerLimits.triesMax; round += 1) {
      const refused = await flush.next()
      expect(refused.values).toEqual([peer('poison')])
      sound ??= peers.put(peer('sound'))
      refused.fail({})
      await reaches('backingOff')
      clock.increment(coalescerLimits.backoffMsMax)
    }
    const next = await flush.next()
    expect(next.values).toEqual([peer('sound')])
    next.commit()
    await sound
    expect(await poisoned).toMatchObject({ code: 'sqlite-constraint-check' })
    expect(await flushed).toMatchObject({ code: 'sqlite-constraint-check' })
    expect(peers.counts.dropped).toEqual({ full: 0, failed: 1, closed: 0 })
  })

  test('of a writer that has stopped for good are not tried again', async () => {
    const { flush, peers, reaches } = setUp()
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
    const { drains, flush, peers, actor } = setUp()
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
    const { clock, flush, peers } = setUp({ overflow: 'wait', itemsHeldMax: 2, itemsMax: 1 })
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
    const { clock, flush, peers } = setUp()
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
    const { actor, peers } = setUp()
    const put = peers.put(peer('a')).catch((error: unknown) => error)
    actor.stop()
    expect(await put).toMatchObject({ code: 'closed', outcome: 'not-stored' })
    expect(peers.offer(peer('b'))).toBe(false)
    await peers.close()
  })
})
