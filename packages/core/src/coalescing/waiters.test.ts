// Whoever waits is told once; whoever does not costs nothing (promises 3 and 6).
import { afterEach, describe, expect, test } from 'vitest'
import { peer } from '../../fixtures/gated-flush.ts'
import { playedCoalescer, stopPlayedCoalescers } from '../../fixtures/played-coalescer.ts'
import { Entry } from './entry.ts'

afterEach(stopPlayedCoalescers)

describe('a put', () => {
  test('that nobody awaits raises nothing when it fails; asked later, it says how it ended', async () => {
    const { flush, peers, reaches } = playedCoalescer()
    const unheard = peers.put(peer('a'))
    const flushed = peers.flush()
    const flight = await flush.next()
    flight.fail()
    await reaches('empty')
    await expect(flushed).rejects.toMatchObject({ code: 'sqlite-constraint-check' })
    await expect(unheard).rejects.toMatchObject({ code: 'sqlite-constraint-check' })
    expect(await unheard.outcome()).toMatchObject({ outcome: 'not-stored' })
  })

  test('whose waiter leaves frees its place among those that may wait', async () => {
    const { peers } = playedCoalescer()
    for (let round = 0; round < 12_000; round += 1) {
      const leaving = new AbortController()
      const put = peers.put(peer('a', round), { signal: leaving.signal })
      leaving.abort()
      if (round % 3_000 === 0) expect(await put.outcome()).toMatchObject({ error: { code: 'aborted' } })
    }
    expect(peers.counts).toMatchObject({ offered: 12_000, merged: 11_999, dropped: { full: 0 } })
  })

  test('at which the app’s own function throws fails, and the next one does not', async () => {
    const { flush, peers } = playedCoalescer({
      key: ({ id }) => {
        if (id === '') throw new Error('no id')
        return id
      },
    })
    const [bad, good] = [peers.put(peer('')).outcome(), peers.put(peer('a')).outcome()]
    expect(await bad).toMatchObject({ outcome: 'not-stored', error: { code: 'invalid-argument' } })
    void peers.flush()
    const flight = await flush.next()
    flight.commit()
    expect(await good).toMatchObject({ outcome: 'committed' })
  })
})

describe('a put of many', () => {
  test('goes on with the others when one can’t be taken in, and ends when they have', async () => {
    const { flush, peers } = playedCoalescer({
      key: ({ id }) => {
        if (id === '') throw new Error('no id')
        return id
      },
    })
    const uncopied = { id: 'b', seenAt: 1, listener: () => {} }
    let hasEnded = false
    const many = peers
      .putMany([peer('a'), peer(''), uncopied, peer('c')])
      .outcome()
      .finally(() => {
        hasEnded = true
      })
    void peers.flush()
    const flight = await flush.next()
    expect(flight.values).toEqual([peer('a'), peer('c')])
    expect(hasEnded).toBe(false)
    flight.commit()
    expect(await many).toMatchObject({ error: { code: 'invalid-argument', cause: { message: 'no id' } } })
  })
})

test('an entry forgets waiters that have left, so that a key held for long does not gather them', () => {
  const entry = new Entry('a', { value: 1, bytes: 1 }, 1, 0)
  let told = 0
  const settled = () => {
    told += 1
  }
  let asked = 0
  for (let round = 0; round < 10_000; round += 1) {
    const isLeft = round >= 5
    entry.attach({
      get isAbandoned() {
        asked += 1
        return isLeft
      },
      settled,
    })
  }
  entry.settle(undefined)
  expect(told).toBeLessThanOrEqual(21)
  expect(asked).toBeLessThan(40_000)
})

describe('the barrier of a key (promise 8)', () => {
  test('has it fly next, before what is older, and waits for nothing else', async () => {
    const { flush, peers, reaches } = playedCoalescer({ itemsMax: 2 })
    for (const id of ['a', 'b', 'c', 'd', 'e']) peers.offer(peer(id))
    const first = await flush.next()
    let isThere = false
    peers.pending('e').whenSettled(() => {
      isThere = true
    })
    first.commit()
    const second = await flush.next()
    expect(second.values).toEqual([peer('e'), peer('c')])
    second.commit()
    await reaches('gathering')
    expect(isThere).toBe(true)
    expect(peers.counts.held).toBe(1)
  })

  test('waits for a newer value behind the one in flight, and never lets it pass', async () => {
    const { flush, peers } = playedCoalescer()
    peers.offer(peer('a', 1))
    void peers.flush()
    const first = await flush.next()
    peers.offer(peer('a', 2))
    const seen: number[] = []
    peers.pending('a').whenSettled(() => seen.push(flush.stored.get('a') ?? 0))
    expect(flush.sizes).toEqual([1])
    first.commit()
    const second = await flush.next()
    expect(seen).toEqual([])
    second.commit()
    await peers.flush()
    expect(seen).toEqual([2])
  })

  test('of a key in part of a refused batch brings that part to the front', async () => {
    const { flush, peers } = playedCoalescer({ itemsMax: 4, itemsHeldMax: 100 })
    for (const id of 'abcd') peers.offer(peer(id))
    const whole = await flush.next()
    peers.pending('d').whenSettled(() => {})
    whole.fail()
    const next = await flush.next()
    expect(next.values).toEqual([peer('c'), peer('d')])
    next.commit()
  })

  test('whose waiter throws, or hands in values, harms nobody else in the batch (promise 3)', async () => {
    const { flush, peers, reaches } = playedCoalescer()
    const unheard = new Promise((resolve) => {
      process.setUncaughtExceptionCaptureCallback(resolve)
    })
    const puts = ['a', 'b'].map((id) => peers.put(peer(id)).outcome())
    peers.pending('a').whenSettled(() => {
      peers.offer(peer('b', 2))
      throw new Error('the app’s own')
    })
    const flight = await flush.next()
    flight.commit()
    for (const put of puts) expect(await put).toMatchObject({ outcome: 'committed' })
    expect(await unheard).toMatchObject({ message: 'the app’s own' })
    process.setUncaughtExceptionCaptureCallback(null)
    await reaches('gathering')
    expect(peers.counts).toMatchObject({ flushed: 2, held: 1 })
  })

  test('forgets readers that have left, however long the flush takes (promise 12)', async () => {
    const { flush, peers } = playedCoalescer()
    peers.offer(peer('a'))
    let told = 0
    for (let round = 0; round < 1_000; round += 1) {
      peers.pending('a').whenSettled(
        () => {
          told += 1
        },
        () => true,
      )
    }
    const flight = await flush.next()
    flight.commit()
    await peers.flush()
    expect(told).toBeLessThan(40)
  })

  test('takes keys that are numbers', async () => {
    const { peers } = playedCoalescer({ key: ({ seenAt }) => seenAt })
    peers.offer(peer('a', 7))
    let isThere = false
    peers.pending(8).whenSettled(() => {
      isThere = true
    })
    expect(isThere).toBe(true)
  })
})
