// Promises 7, 9 and 15 for readers that are lent to a snapshot: what is read in a snapshot is read on its own
// reader, whatever happens to the message that it travels in, and the reader comes back however the scope ends. The threads are
// played by the test; database/snapshots.test.ts does the same with real ones.
import { beforeEach, describe, expect, it } from 'vitest'
import type { PlayedReader } from '../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { overdueMs, readsMoveMs } from '../limits.ts'
import type { SnapshotLease } from './snapshot-lease.ts'

let played: PlayedReaders
let lent: PlayedReader
let other: PlayedReader

beforeEach(() => {
  played = new PlayedReaders()
  ;[lent, other] = played.threads as [PlayedReader, PlayedReader]
})

const begun = async (fields: Parameters<PlayedReaders['snapshot']>[0] = {}): Promise<SnapshotLease> => {
  const lease = played.snapshot(fields)
  await played.turn()
  lent.reply()
  await lease.begun
  return lease
}

const readIn = (lease: SnapshotLease, label: string, signal?: AbortSignal): void =>
  lease.submit(played.read(label, { signal }))

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

it('takes reads until its scope ends, not until its reader has come back', async () => {
  const lease = await begun()
  expect(lease.takesReads).toBe(true)
  lease.end()
  expect([lease.takesReads, lease.isOver]).toEqual([false, false])
  lent.reply()
  expect([lease.takesReads, lease.isOver]).toEqual([false, true])
})

describe('reads in a snapshot', () => {
  it('share messages to its reader, and wait for it while another is free', async () => {
    const lease = await begun()
    for (const label of ['a', 'b', 'c']) readIn(lease, label)
    expect(lent.given).toEqual([['a']])
    lent.answer()
    expect(lent.given).toEqual([['a'], ['b', 'c']])
    lent.answer()
    expect([played.answered, other.given]).toEqual([['a', 'b', 'c'], []])
    lease.end()
    lent.reply()
    await expectFree()
  })

  it('that their thread handed back run on it again, in their order: no other sees its state', async () => {
    const lease = await begun()
    for (const label of ['a', 'b', 'c', 'd']) readIn(lease, label)
    lent.answer()
    readIn(lease, 'e')
    lent.answer(1)
    expect(lent.given.slice(1)).toEqual([
      ['b', 'c', 'd'],
      ['c', 'd', 'e'],
    ])
    await played.turn()
    expect(other.given).toEqual([])
    lent.answer()
    expect(played.answered).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('behind a slow one stay there; one of them that is given up is not begun', async () => {
    const lease = await begun()
    const aborting = new AbortController()
    readIn(lease, 'a')
    readIn(lease, 'b')
    readIn(lease, 'c', aborting.signal)
    readIn(lease, 'd')
    lent.answer()
    lent.begin()
    played.clock.advance(readsMoveMs * 3)
    expect(played.desk.waiting).toBe(0)
    aborting.abort()
    played.clock.advance(readsMoveMs)
    lent.answer()
    await played.turn()
    expect([lent.given, other.given]).toEqual([[['a'], ['b', 'c', 'd'], ['d']], []])
    lent.answer()
    expect([played.answered, played.failures()]).toEqual([['a', 'b', 'd'], ['c: aborted']])
  })

  it('have deadlines of their own, in line and at the reader', async () => {
    const lease = await begun()
    for (const [label, deadlineMs] of [
      ['a', 10],
      ['b', 5],
      ['c', 30],
    ] as const)
      lease.submit(played.read(label, { deadlineMs }))
    lent.begin()
    played.clock.advance(10)
    expect(played.failures()).toEqual(['b: deadline-exceeded', 'a: deadline-exceeded'])
    expect(lent.gate.isCancelled).toBe(true)
    lent.answer()
    expect(lent.given).toEqual([['a'], ['c']])
    lent.answer()
    played.clock.advance(overdueMs)
    // Its age.
    expect([played.answered, played.clock.timers]).toEqual([['c'], 1])
  })

  it('are refused once it has ended, with the reason', async () => {
    const lease = await begun()
    lease.end()
    readIn(lease, 'late')
    expect(played.failures()).toEqual(['late: snapshot-ended'])
    lent.reply()
    readIn(lease, 'later')
    expect(played.failures()[1]).toBe('later: snapshot-ended')
    await expectFree()
  })
})

/*
 * thread                          snapshot
 * ------                          --------
 * runs `b`, of `b c`
 *                                 ends: `b`, `c` and `d` are told; nothing more may begin; `b` is cut off
 * leaves `b`, may not begin `c`
 * answers; ends; says so
 *                                 the reader is free
 */
describe('a snapshot that ends while reads run', () => {
  const reading = async (fields?: Parameters<PlayedReaders['snapshot']>[0]): Promise<SnapshotLease> => {
    const lease = await begun(fields)
    for (const label of ['a', 'b', 'c']) readIn(lease, label)
    lent.answer()
    readIn(lease, 'd')
    lent.begin()
    return lease
  }
  const failuresBy = (code: string): string[] => ['b', 'c', 'd'].map((label) => `${label}: ${code}`)

  it.each([
    ['with its scope', 'snapshot-ended', {}],
    ['at its longest age', 'snapshot-expired', { ageMsMax: 20 }],
    ['at its deadline', 'deadline-exceeded', { deadlineMs: 20 }],
    ['at its abort', 'aborted', {}],
  ])('%s tells them at once, and begins none of those behind', async (how, code, fields) => {
    const aborting = new AbortController()
    const lease = await reading({ ...fields, signal: aborting.signal })
    if (how === 'with its scope') lease.end()
    else if (how === 'at its abort') aborting.abort()
    else played.clock.advance(20)
    expect(played.failures().toSorted()).toEqual(failuresBy(code))
    expect([lent.gate.isCancelled, lent.begin()]).toEqual([true, false])
    lent.answer()
    await played.turn()
    expect([lent.inbox, played.desk.classes.interactive.lent]).toEqual([['end'], 1])
    lent.reply()
    lease.end()
    await expectFree()
    expect([lease.isOver, played.answered, played.failed.length]).toEqual([true, ['a'], 3])
    played.clock.advance(10_000)
    expect([played.clock.timers, played.retired]).toEqual([0, []])
  })

  it('and whose thread was between two reads begins no more, either', async () => {
    const lease = await begun()
    for (const label of ['a', 'b', 'c']) readIn(lease, label)
    lent.answer()
    lease.end()
    expect(lent.begin()).toBe(false)
    lent.answer()
    lent.reply()
    await expectFree()
    expect(played.failures()).toEqual(['b: snapshot-ended', 'c: snapshot-ended'])
  })

  it('and does not get its reader back has it replaced, and loses nothing', async () => {
    const lease = await reading()
    lease.end()
    played.clock.advance(overdueMs)
    expect(played.retired).toMatchObject([{ reader: 'reader-1', label: 'snapshot', reason: 'overdue' }])
    await expectFreeBut(lent)
    lent.answer()
    lent.reply()
    await expectFree()
    lent.die()
    expect([played.desk.retired, lease.isOver]).toEqual([[], true])
  })

  it('goes on where its reader was replaced over one of its reads, and can give up another there', async () => {
    const lease = await begun()
    const aborting = [new AbortController(), new AbortController()]
    readIn(lease, 'stuck', aborting[0]?.signal)
    lent.begin()
    aborting[0]?.abort()
    played.clock.advance(overdueMs)
    expect(played.retired).toMatchObject([{ reason: 'overdue' }])
    readIn(lease, 'a')
    lent.answer()
    readIn(lease, 'b', aborting[1]?.signal)
    lent.answer()
    lent.begin()
    aborting[1]?.abort()
    expect(lent.gate.isCancelled).toBe(true)
    lent.answer()
    lease.end()
    lent.reply()
    await expectFree()
    expect([played.answered, played.failures()]).toEqual([['a'], ['stuck: aborted', 'b: aborted']])
  })

  it('by the death of its thread tells them so, and counts the reader as lost', async () => {
    const lease = await reading()
    lent.die()
    expect(played.failures().toSorted()).toEqual(failuresBy('thread-lost'))
    expect(played.retired).toEqual([{ reader: 'reader-1', label: 'snapshot', reason: 'lost' }])
    readIn(lease, 'late')
    expect(played.failures().at(-1)).toBe('late: thread-lost')
    lease.end()
    lent.connect()
    await expectFree()
    expect(played.clock.timers).toBe(0)
  })

  const expectFreeBut = async (thread: PlayedReader): Promise<void> => {
    await played.turn()
    expect(played.desk.seats.map(({ isFree }) => isFree)).toEqual([true, true])
    expect([thread.held, thread.seat.isFree]).toEqual([true, false])
  }
})

describe('a snapshot that does not begin', () => {
  const failure = new LockkeeperError('no', { code: 'sqlite-protocol', stage: 'read' })

  it('says why, and its reader is free', async () => {
    const lease = played.snapshot()
    await played.turn()
    lent.reply({ error: failure })
    await expect(lease.begun).rejects.toMatchObject({ code: 'sqlite-protocol' })
    await expectFree()
    expect(played.clock.timers).toBe(0)
  })

  it.each(['end', 'abort', 'age'])(
    'because of its %s meanwhile gives its reader back once it has begun',
    async (how) => {
      const aborting = new AbortController()
      const lease = played.snapshot({ signal: aborting.signal, ageMsMax: 10 })
      await played.turn()
      if (how === 'end') lease.end()
      else if (how === 'abort') aborting.abort()
      else played.clock.advance(10)
      lent.reply()
      expect(lent.inbox).toEqual(['end'])
      lent.reply()
      await expect(lease.begun).rejects.toBeInstanceOf(LockkeeperError)
      await expectFree()
    },
  )
})
