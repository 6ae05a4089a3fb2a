// Promise 10 for coalesced work: one bad value fails alone.
//
//   flight 1   a b c d e f g h      refused: one of them is to blame
//   flight 2   a b c d              refused
//   flight 3           e f g h      stored, before the other half is looked into
//   flight 4   a b                  stored
//   flight 5     c d                refused
//   flight 6     c                  stored
//   flight 7       d                refused, alone: dropped, counted, told
import { afterEach, expect, test } from 'vitest'
import { peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { coalescerLimits } from './limits.ts'

afterEach(stopPlayedCoalescers)

const ids = (values: readonly { readonly id: string }[]) => values.map(({ id }) => id).join('')

test('a refused batch goes on in halves, the other parts first, until the culprit is alone', async () => {
  const { flush, peers, reaches, dropped } = playedCoalescer({ itemsMax: 8, itemsHeldMax: 100 })
  const puts = [...'abcdefgh'].map((id) => peers.put(peer(id)).outcome())
  const barrier = peers.flush().outcome()
  const flown: string[] = []
  while (flown.length < 7) {
    const flight = await flush.next()
    flown.push(ids(flight.values))
    if (flight.values.some(({ id }) => id === 'd')) flight.fail()
    else flight.commit()
  }
  await reaches('empty')
  expect(flown).toEqual(['abcdefgh', 'abcd', 'efgh', 'ab', 'cd', 'c', 'd'])
  const ends = await Promise.all(puts)
  expect(ends.map(({ outcome }) => outcome === 'committed')).toEqual([...'abcdefgh'].map((id) => id !== 'd'))
  expect(ends[3]).toMatchObject({ outcome: 'not-stored', error: { code: 'sqlite-constraint-check' } })
  expect(await barrier).toMatchObject({ error: { code: 'sqlite-constraint-check' } })
  expect(peers.counts).toMatchObject({
    flushed: 7,
    splits: 3,
    held: 0,
    causes: { 'sqlite-constraint-check': 1 },
  })
  expect(dropped).toEqual({ 'peers.upsertMany: sqlite-constraint-check': 1 })
})

test('the search is not a failure that makes pauses grow: only a culprit that was found costs the first pause', async () => {
  const { clock, flush, peers, reaches } = playedCoalescer({ itemsMax: 4, itemsHeldMax: 100 })
  for (const id of 'abcd') peers.offer(peer(id))
  for (const expected of ['abcd', 'ab', 'cd', 'a', 'b', 'c', 'd']) {
    const flight = await flush.next()
    expect(ids(flight.values)).toBe(expected)
    flight.fail()
    if (expected.length > 1 || expected === 'd') continue
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsFirst - 1)
    expect(peers.counts.inFlight).toBe(0)
    clock.increment(1)
  }
  await reaches('empty')
  expect(peers.counts.dropped.failed).toBe(4)
})

test('a refusal that asks to be repeated pauses the search and does not go on with it', async () => {
  const { clock, flush, peers, reaches } = playedCoalescer({ itemsMax: 4, itemsHeldMax: 100 })
  for (const id of 'abcd') peers.offer(peer(id))
  const whole = await flush.next()
  whole.fail()
  const half = await flush.next()
  half.fail({ code: 'sqlite-busy' })
  await reaches('backingOff')
  clock.increment(coalescerLimits.backoffMsFirst)
  const again = await flush.next()
  expect(ids(again.values)).toBe('ab')
  again.commit()
  const other = await flush.next()
  expect(ids(other.values)).toBe('cd')
  other.commit()
})

test('newer values reach a part that waits, and newcomers do not fly with it', async () => {
  const { flush, peers } = playedCoalescer({ itemsMax: 4, itemsHeldMax: 100 })
  for (const id of 'abcd') peers.offer(peer(id))
  const whole = await flush.next()
  whole.fail()
  const first = await flush.next()
  peers.offer(peer('d', 2))
  peers.offer(peer('e'))
  first.commit()
  const second = await flush.next()
  expect(second.values).toEqual([peer('c'), peer('d', 2)])
  second.commit()
  void peers.flush()
  const third = await flush.next()
  expect(third.values).toEqual([peer('e')])
  third.commit()
})

test('a culprit that is dropped leaves a newer value of its key, with its own waiter', async () => {
  const { clock, flush, peers, reaches } = playedCoalescer()
  const bad = peers.put(peer('a', 1)).outcome()
  void peers.flush()
  const first = await flush.next()
  const good = peers.put(peer('a', 2)).outcome()
  first.fail()
  await reaches('backingOff')
  expect(await bad).toMatchObject({ outcome: 'not-stored' })
  clock.increment(coalescerLimits.backoffMsFirst)
  void peers.flush()
  const second = await flush.next()
  expect(second.values).toEqual([peer('a', 2)])
  second.commit()
  expect(await good).toMatchObject({ outcome: 'committed' })
})

test('after a batch that killed the writer’s thread one value flies alone, so that deaths don’t follow each other', async () => {
  const { clock, flush, peers, reaches } = playedCoalescer({ itemsMax: 8, itemsHeldMax: 100 })
  for (const id of 'abcdefgh') peers.offer(peer(id))
  for (const expected of ['abcdefgh', 'h', 'abcd', 'd', 'efg', 'g', 'ab', 'b', 'c', 'ef', 'f', 'a', 'e']) {
    const flight = await flush.next()
    expect(ids(flight.values)).toBe(expected)
    if (!/[ae]/.test(expected)) flight.commit()
    else flight.fail({ code: 'thread-lost' })
    if (expected !== 'a') continue
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsFirst)
  }
  await reaches('empty')
  expect(peers.counts).toMatchObject({ flushed: 6, dropped: { failed: 2 } })
})

test('a culprit that killed the writer’s thread is followed by one value alone, too', async () => {
  const { clock, flush, peers, reaches } = playedCoalescer({ itemsMax: 4, itemsHeldMax: 100 })
  for (const id of 'abcd') peers.offer(peer(id))
  for (const expected of ['abcd', 'd', 'a', 'b', 'c']) {
    const flight = await flush.next()
    expect(ids(flight.values)).toBe(expected)
    if (!/[acd]/.test(expected)) flight.commit()
    else flight.fail({ code: 'thread-lost' })
    if (!['d', 'a'].includes(expected)) continue
    await reaches('backingOff')
    clock.increment(coalescerLimits.backoffMsFirst)
  }
  await reaches('empty')
  expect(peers.counts).toMatchObject({ flushed: 1, dropped: { failed: 3 } })
})

test('parts fly though readers never stop asking for keys (promise 5)', async () => {
  const { flush, peers, reaches } = playedCoalescer({ itemsMax: 4, itemsHeldMax: 100 })
  const puts = [...'abcd'].map((id) => peers.put(peer(id)).outcome())
  const whole = await flush.next()
  whole.fail()
  const flown: string[] = []
  for (let round = 1; round <= 4; round += 1) {
    const flight = await flush.next()
    flown.push(ids(flight.values))
    peers.offer(peer('z', round))
    peers.pending('z').whenSettled(() => {})
    flight.commit()
  }
  const last = await flush.next()
  last.commit()
  await reaches('empty')
  expect(flown).toEqual(['ab', 'z', 'cd', 'z'])
  for (const put of puts) expect(await put).toMatchObject({ outcome: 'committed' })
})
