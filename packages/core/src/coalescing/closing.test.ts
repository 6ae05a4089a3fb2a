// Promise 13: closing loses nothing silently, whatever ends a value while it closes.
import { afterEach, expect, test } from 'vitest'
import type { SimulatedClock } from 'xstate'
import { type Peer, peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { timerMsMax } from '../limits.ts'
import { coalescer } from './coalescer.ts'
import { coalescerLimits } from './limits.ts'

afterEach(stopPlayedCoalescers)

/** The timers that are set from now on, in milliseconds. */
function timersOf(clock: SimulatedClock): readonly number[] {
  const timers: number[] = []
  const setTimer = clock.setTimeout.bind(clock)
  clock.setTimeout = (callback, ms) => {
    timers.push(ms)
    return setTimer(callback, ms)
  }
  return timers
}

test('what is refused while it drains is among what was not written', async () => {
  const { clock, flush, peers, undelivered } = playedCoalescer({ itemsMax: 4 })
  for (const id of 'abcd') peers.offer(peer(id))
  const whole = await flush.next()
  const closed = peers.close({ deadlineMs: 10_000 })
  whole.fail()
  const half = await flush.next()
  half.commit()
  const other = await flush.next()
  other.fail()
  const good = await flush.next()
  good.commit()
  const culprit = await flush.next()
  culprit.fail()
  expect(await closed).toEqual({ notWritten: 1 })
  expect(undelivered.map((ask) => ask())).toEqual([{ label: 'peers.upsertMany', values: 1 }])
  clock.increment(coalescerLimits.backoffMsFirst)
})

test('what the writer gives up for good while it drains is among what was not written', async () => {
  const { flush, peers } = playedCoalescer()
  for (const id of 'ab') peers.offer(peer(id))
  const closed = peers.close({ deadlineMs: 10_000 })
  const flight = await flush.next()
  flight.fail({ code: 'writer-stopped' })
  expect(await closed).toEqual({ notWritten: 2 })
})

test('a deadline that no timer can hold is the longest that one can, not none', async () => {
  const { clock, flush, peers, actor } = playedCoalescer()
  peers.offer(peer('a'))
  const timers = timersOf(clock)
  const closed = peers.close({ deadlineMs: Number.POSITIVE_INFINITY })
  const flight = await flush.next()
  flight.commit()
  expect(await closed).toEqual({ notWritten: 0 })
  expect(timers).toEqual([timerMsMax])
  expect(actor.getSnapshot().value).toBe('stopped')
})

test('an age without bound is as long as a timer can be, so that size and demand alone flush', () => {
  const { clock, flush, peers, actor } = playedCoalescer({ ageMsMax: Number.POSITIVE_INFINITY })
  const timers = timersOf(clock)
  peers.offer(peer('a'))
  expect(timers).toEqual([timerMsMax])
  expect(actor.getSnapshot().value).toBe('gathering')
  expect(flush.sizes).toEqual([])
})

test('one whose actor its host refuses is not asked when the host closes', () => {
  const drains = new Set<unknown>()
  const host = {
    spawn: () => {
      throw new Error('closed')
    },
    beforeClose: (drain: unknown) => {
      drains.add(drain)
      return () => drains.delete(drain)
    },
  }
  const { flush } = playedCoalescer()
  expect(() => coalescer<Peer>(host, { name: 'late', key: ({ id }) => id, flush })).toThrow('closed')
  expect(drains.size).toBe(0)
})
