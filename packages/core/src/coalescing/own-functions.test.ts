// An app's key, merge and changes functions must be pure. Where they are not, nobody but their caller pays (promises 3 and 12).
import { afterEach, expect, test } from 'vitest'
import { type Peer, peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { TicketOutcome } from '../mailbox/ticket.ts'
import { coalescerLimits } from './limits.ts'
import type { Coalescer, CoalescerCounts } from './types.ts'

afterEach(stopPlayedCoalescers)

function inOnePlace({
  offered,
  filtered,
  merged,
  flushed,
  rejected,
  dropped,
  held,
  inFlight,
}: CoalescerCounts) {
  const lost = dropped.full + dropped.failed + dropped.closed
  return offered === filtered + merged + flushed + rejected + lost + held + inFlight
}

test('one that hands in the value it is asked about fails, and the value it handed in is kept', async () => {
  let peers: Coalescer<Peer> | undefined
  let isAsked = false
  const played = playedCoalescer({
    changes: (next) => {
      if (!isAsked) {
        isAsked = true
        void peers?.put(next)
      }
      return true
    },
  })
  peers = played.peers
  peers.offer(peer('a', 1))
  const flushed = peers.flush()
  const first = await played.flush.next()
  expect(() => peers?.offer(peer('a', 2))).toThrow('must not hand values to it')
  expect(inOnePlace(peers.counts)).toBe(true)
  first.commit()
  await flushed
  const rest = peers.flush()
  const second = await played.flush.next()
  expect(second.values).toEqual([peer('a', 2)])
  second.commit()
  await rest
  expect(inOnePlace(peers.counts)).toBe(true)
})

test('a merge that pushes out what it merges fails, and who waited for that is told', async () => {
  let peers: Coalescer<Peer> | undefined
  const played = playedCoalescer({
    overflow: 'drop-oldest',
    itemsHeldMax: 2,
    merge: (_older, newer) => {
      peers?.offer(peer('c'))
      return newer
    },
  })
  peers = played.peers
  const oldest = peers.put(peer('a', 1)).outcome()
  peers.offer(peer('b'))
  expect(() => peers?.offer(peer('a', 2))).toThrow('must not hand values to it')
  expect(await oldest).toMatchObject({ outcome: 'not-stored', error: { code: 'queue-full' } })
  expect(peers.counts).toMatchObject({ inFlight: 2, dropped: { full: 1 } })
  expect(inOnePlace(peers.counts)).toBe(true)
})

test('one that aborts the put it is run for, or puts in turn, loses no other put', async () => {
  const leaving = new AbortController()
  let peers: Coalescer<Peer> | undefined
  let inner: Promise<unknown> | undefined
  const played = playedCoalescer({
    overflow: 'wait',
    itemsHeldMax: 2,
    key: ({ id }) => {
      if (id === 'leaves') {
        inner ??= peers?.put(peer('inner')).outcome()
        leaving.abort()
      }
      return id
    },
  })
  peers = played.peers
  const first = peers.put(peer('a')).outcome()
  const leaves = peers.putMany([peer('leaves'), peer('never')], { signal: leaving.signal }).outcome()
  const last = peers.put(peer('z')).outcome()
  expect(await leaves).toMatchObject({ error: { code: 'aborted' } })
  const closed = peers.close()
  const flown: string[] = []
  for (let flights = 0; flights < 2; flights += 1) {
    const flight = await played.flush.next()
    flown.push(...flight.values.map(({ id }) => id))
    flight.commit()
  }
  for (const put of [first, inner, last]) expect(await put).toMatchObject({ outcome: 'committed' })
  expect(flown).toEqual(['a', 'leaves', 'inner', 'z'])
  expect(await closed).toEqual({ notWritten: 0 })
  expect(inOnePlace(peers.counts)).toBe(true)
})

test('what finds no room is not copied, and what waits behind another is not looked at', () => {
  let copies = 0
  const counted = (id: string) => ({
    ...peer(id),
    get seenAt() {
      copies += 1
      return 1
    },
  })
  const { peers } = playedCoalescer({ overflow: 'wait', itemsHeldMax: 100, bytesHeldMax: 100 })
  peers.offer({ ...peer('a'), id: 'a'.repeat(90) })
  copies = 0
  for (let n = 0; n < 50; n += 1) void peers.put(counted(`p${n}`))
  expect(peers.counts.waiting).toBe(50)
  expect(copies).toBe(1)

  const small = playedCoalescer({ itemsHeldMax: 1 }).peers
  small.offer(peer('a'))
  copies = 0
  for (let n = 0; n < 50; n += 1) expect(small.offer(counted(`p${n}`))).toBe(false)
  expect(copies).toBe(0)
})

test('a flush target that throws or rejects stops nothing, and is taken for `not-stored` only where it took nothing', async () => {
  const fields = { code: 'sqlite-busy', stage: 'begin', outcome: 'not-stored', retryable: true } as const
  let calls = 0
  const call = (): { outcome(): Promise<TicketOutcome<unknown>> } => {
    calls += 1
    if (calls === 1) throw new Error('no such procedure')
    if (calls === 2) throw new LockkeeperError('busy', fields)
    return { outcome: () => Promise.reject(new Error('the line is dead')) }
  }
  const { clock, peers, reaches } = playedCoalescer({ flush: { name: 'own', call } })
  const thrown = peers.put(peer('a')).outcome()
  void peers.flush()
  expect(await thrown).toMatchObject({ outcome: 'not-stored', error: { code: 'invalid-argument' } })
  await reaches('empty')
  const rejected = peers.put(peer('b')).outcome()
  void peers.flush()
  for (let tries = 0; tries < coalescerLimits.triesMax; tries += 1) {
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsMax)
  }
  expect(await rejected).toMatchObject({
    outcome: 'unknown',
    error: { cause: { message: 'the line is dead' } },
  })
  expect(calls).toBe(2 + coalescerLimits.triesMax)
})
