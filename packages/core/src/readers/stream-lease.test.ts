// Promises 7, 9 and 15 for readers that are lent to a stream: one chunk is on its way and no more, and the reader comes back
// however the stream ends. The threads are played by the test; database/streams.test.ts does the same with real ones.
import { beforeEach, describe, expect, it } from 'vitest'
import type { PlayedReader } from '../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { overdueMs } from '../limits.ts'

let played: PlayedReaders
let lent: PlayedReader

beforeEach(() => {
  played = new PlayedReaders()
  lent = played.threads[0] as PlayedReader
})

/** Both readers are free, and nothing is left over. */
const expectFree = async (): Promise<void> => {
  await played.turn()
  expect(played.desk.seats.map(({ isFree, isLent }) => [isFree, isLent])).toEqual([
    [true, false],
    [true, false],
  ])
  expect(played.threads.map(({ held }) => held)).toEqual(played.threads.map(() => false))
  expect(played.desk.waiting).toBe(0)
}

describe('a stream', () => {
  it('asks for one chunk ahead, and for no more until that is taken', async () => {
    const stream = played.stream()
    const first = stream.next()
    await played.turn()
    lent.reply()
    expect(await first).toEqual([{ n: 0 }, { n: 1 }])
    expect(lent.inbox).toEqual(['more'])
    lent.reply()
    expect(lent.inbox).toEqual([])
    expect(await stream.next()).toHaveLength(2)
    expect(lent.inbox).toEqual(['more'])
    lent.reply({ rows: 1, done: true })
    await expectFree()
    expect([await stream.next(), await stream.next()]).toEqual([[{ n: 0 }], undefined])
    expect(played.clock.timers).toBe(0)
  })

  it.each(['in the line', 'before its first chunk', 'between chunks', 'with a chunk that was not asked for'])(
    'that is stopped %s frees its reader as soon as its thread has let go',
    async (when) => {
      if (when === 'in the line') {
        await played.busy()
        const stream = played.stream()
        const next = stream.next()
        stream.stop()
        expect(await next).toBeUndefined()
        for (const thread of played.threads) thread.answer()
        await expectFree()
        return
      }
      const stream = played.stream()
      await played.turn()
      if (when !== 'before its first chunk') lent.reply()
      if (when === 'with a chunk that was not asked for') {
        await stream.next()
        lent.reply()
      }
      stream.stop()
      while (lent.inbox.length > 0) lent.reply()
      expect(await stream.next()).toBeUndefined()
      await expectFree()
      played.clock.advance(overdueMs)
      expect([stream.isOver, played.clock.timers, played.retired]).toEqual([true, 0, []])
    },
  )

  it('whose consumer walks away loses its reader after a while, and is counted', async () => {
    const stream = played.stream({ idleMsMax: 100 })
    await played.turn()
    lent.reply()
    played.clock.advance(99)
    expect(stream.isOver).toBe(false)
    played.clock.advance(1)
    expect(played.counters.streams.reclaimed).toBe(1)
    expect(lent.inbox).toEqual(['stop'])
    lent.reply()
    await expectFree()
    await expect(stream.next()).rejects.toMatchObject({ code: 'stream-expired', label: 'stream' })
  })

  it.each(['while it is at a chunk', 'after it was stopped'])(
    'whose thread dies %s ends, and leaves nothing behind',
    async (when) => {
      const aborting = new AbortController()
      const stream = played.stream({ signal: aborting.signal, deadlineMs: 1_000 })
      const next = stream.next().catch((error: unknown) => error)
      await played.turn()
      if (when === 'after it was stopped') stream.stop()
      lent.die()
      if (when === 'while it is at a chunk')
        expect(await next).toMatchObject({ code: 'thread-lost', stage: 'read', label: 'stream' })
      else expect(await next).toBeUndefined()
      lent.connect()
      await expectFree()
      played.clock.advance(overdueMs)
      expect([stream.isOver, played.clock.timers]).toEqual([true, 0])
    },
  )

  it('that is over has its reader replaced where its thread does not let go', async () => {
    const stream = played.stream()
    await played.turn()
    // Inside its first chunk.
    lent.gate.enter(65)
    stream.stop()
    played.clock.advance(overdueMs)
    expect(played.retired).toEqual([{ reader: 'reader-1', label: 'stream', reason: 'overdue' }])
    lent.gate.leave()
    while (lent.inbox.length > 0) lent.reply()
    await expectFree()
    expect(stream.isOver).toBe(true)
  })
})
