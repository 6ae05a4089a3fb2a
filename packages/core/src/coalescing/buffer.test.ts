import { describe, expect, test } from 'vitest'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { KeyedBuffer } from './buffer.ts'
import type { BufferOptions } from './buffer-options.ts'
import type { Waiter } from './entry.ts'

interface Versioned {
  readonly key: string
  readonly version: number
  readonly bytes: number
}

const refused = new LockkeeperError('the flush failed', { code: 'sqlite-constraint-check', stage: 'execute' })

function versioned(key: string, version: number, bytes = 1): Versioned {
  return { key, version, bytes }
}

function setUp(options: Partial<BufferOptions<Versioned>> = {}) {
  const clock = { nowMs: 0 }
  const signals: string[] = []
  const buffer = new KeyedBuffer<Versioned>({
    key: (value) => value.key,
    merge: (_older, newer) => newer,
    copy: (value) => ({ value: { ...value }, bytes: value.bytes }),
    clock: { now: () => clock.nowMs },
    itemsMax: 3,
    bytesMax: 1_000,
    itemsHeldMax: 6,
    bytesHeldMax: 10_000,
    ageMsMax: 100,
    triesMax: 2,
    signal: (event) => signals.push(event),
    ...options,
  })
  return { buffer, clock, signals }
}

function waiter(): Waiter & { readonly ends: (LockkeeperError | undefined)[] } {
  const ends: (LockkeeperError | undefined)[] = []
  return { ends, settled: (error) => ends.push(error) }
}

describe('merging (promise 12: bounded, with a declared overflow)', () => {
  test('the newest value of a key flies, in the place and at the age of its first', () => {
    const { buffer, clock } = setUp()
    buffer.admit(versioned('a', 1))
    clock.nowMs = 60
    buffer.admit(versioned('b', 1))
    buffer.admit(versioned('a', 2))
    expect(buffer.untilDueMs).toBe(40)
    expect(buffer.take()).toEqual([versioned('a', 2), versioned('b', 1)])
    buffer.committed()
    expect(buffer.counts.now).toMatchObject({ offered: 3, merged: 1, flushed: 2 })
  })

  test('what is held and in flight counts against the bound, and a merge needs no room', () => {
    const { buffer } = setUp()
    for (const key of ['a', 'b', 'c']) expect(buffer.admit(versioned(key, 1))).toBe(true)
    buffer.take()
    for (const key of ['d', 'e', 'f']) expect(buffer.admit(versioned(key, 1))).toBe(true)
    expect(buffer.admit(versioned('g', 1))).toBe(false)
    expect(buffer.admit(versioned('d', 2))).toBe(true)
    buffer.committed()
    expect(buffer.admit(versioned('g', 1))).toBe(true)
  })

  test('bytes are bounded, and a value larger than the bound gets in alone', () => {
    const { buffer } = setUp({ bytesHeldMax: 100 })
    expect(buffer.admit(versioned('huge', 1, 500))).toBe(true)
    expect(buffer.admit(versioned('small', 1, 1))).toBe(false)
    buffer.take()
    buffer.committed()
    expect(buffer.admit(versioned('small', 1, 60))).toBe(true)
    expect(buffer.admit(versioned('small', 2, 101))).toBe(false)
    expect(buffer.admit(versioned('small', 2, 100))).toBe(true)
    expect(buffer.bytes).toBe(100)
  })

  test('a batch ends before the byte bound, but is never empty', () => {
    const { buffer } = setUp({ bytesMax: 10 })
    buffer.admit(versioned('large', 1, 50))
    buffer.admit(versioned('b', 1, 6))
    buffer.admit(versioned('c', 1, 6))
    expect(buffer.take().map((value) => value.key)).toEqual(['large'])
    buffer.committed()
    expect(buffer.take().map((value) => value.key)).toEqual(['b'])
  })
})

describe('when a flush is due', () => {
  test('by size, by age and by demand', () => {
    const { buffer, clock } = setUp()
    expect(buffer.isDue).toBe(false)
    buffer.admit(versioned('a', 1))
    expect(buffer.isDue).toBe(false)
    clock.nowMs = 100
    expect(buffer.isDue).toBe(true)
    clock.nowMs = 0
    buffer.barrier(waiter())
    expect(buffer.isDue).toBe(true)
  })

  test('signals are coarse: the first arrival and the crossing, not one per value', () => {
    const { buffer, signals } = setUp()
    for (let version = 0; version < 50; version += 1) {
      for (const key of ['a', 'b', 'c', 'd']) buffer.admit(versioned(key, version))
    }
    expect(signals).toEqual(['arrived', 'full'])
  })
})

describe('a failed flush', () => {
  test('puts values back at the front, but never over a newer one', () => {
    const { buffer } = setUp()
    const [older, newer] = [waiter(), waiter()]
    buffer.admit(versioned('a', 1), older)
    buffer.admit(versioned('b', 1))
    buffer.take()
    buffer.admit(versioned('c', 1))
    buffer.admit(versioned('a', 2), newer)
    buffer.failed(refused, 'pardon')
    expect(buffer.take()).toEqual([versioned('a', 2), versioned('b', 1), versioned('c', 1)])
    expect([older.ends, newer.ends]).toEqual([[], []])
    buffer.committed()
    expect([older.ends, newer.ends]).toEqual([[undefined], [undefined]])
  })

  test('merges what adds up instead of losing one side', () => {
    const { buffer } = setUp({ merge: (older, newer) => versioned(newer.key, older.version + newer.version) })
    buffer.admit(versioned('a', 5))
    buffer.take()
    buffer.admit(versioned('a', 7))
    buffer.failed(refused, 'strike')
    expect(buffer.take()).toEqual([versioned('a', 12)])
  })

  test('drops values whose tries are spent, and tells their waiters', () => {
    const { buffer } = setUp()
    const unlucky = waiter()
    buffer.admit(versioned('a', 1), unlucky)
    for (let round = 0; round < 2; round += 1) {
      expect(buffer.take().map((value) => value.key)).toEqual(['a'])
      buffer.failed(refused, 'strike')
    }
    expect(unlucky.ends).toEqual([refused])
    expect(buffer.counts.now.dropped).toEqual({ full: 0, failed: 1, closed: 0 })
  })

  test('a merge that throws costs the older value only', () => {
    const { buffer } = setUp({
      merge: () => {
        throw new Error('these do not add up')
      },
    })
    const older = waiter()
    buffer.admit(versioned('a', 1), older)
    buffer.take()
    buffer.admit(versioned('a', 2))
    buffer.failed(refused, 'pardon')
    expect(older.ends).toEqual([refused])
    expect(buffer.take()).toEqual([versioned('a', 2)])
  })
})

describe('a barrier', () => {
  test('waits for what was there, not for what came after', () => {
    const { buffer } = setUp()
    buffer.admit(versioned('a', 1))
    buffer.take()
    buffer.admit(versioned('b', 1))
    const barrier = waiter()
    buffer.barrier(barrier)
    buffer.admit(versioned('c', 1))
    buffer.committed()
    expect(barrier.ends).toEqual([])
    buffer.take()
    buffer.committed()
    expect(barrier.ends).toEqual([undefined])
  })

  test('tells of a value that was given up before it', () => {
    const { buffer } = setUp()
    buffer.admit(versioned('a', 1))
    const barrier = waiter()
    buffer.barrier(barrier)
    buffer.take()
    buffer.failed(refused, 'fatal')
    expect(barrier.ends).toEqual([refused])
  })
})

test('what an inspector sees of the buffer is depths, whatever it holds', () => {
  const { buffer } = setUp()
  buffer.admit(versioned('a', 1, 7))
  buffer.admit(versioned('b', 1, 5))
  buffer.take()
  buffer.admit(versioned('c', 1, 1))
  expect(JSON.parse(JSON.stringify(buffer))).toEqual({ held: 1, inFlight: 2, bytes: 13 })
})
