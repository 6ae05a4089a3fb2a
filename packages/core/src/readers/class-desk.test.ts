// Promise 7: who gets which reader. Several reads share a message where more wait than readers are there, and none of them
// stays behind a slow one; snapshots and streams never take the last reader. The threads are played by the test.
import { describe, expect, it } from 'vitest'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { readsMoveMs, readsPerMessageMax } from '../limits.ts'

const withReaders = (interactive: number): PlayedReaders =>
  new PlayedReaders({ readers: { interactive, background: 0 } })

const submitAll = async (played: PlayedReaders, labels: Iterable<string>): Promise<void> => {
  for (const label of labels) played.submit(label)
  await played.turn()
}

/** How many reads each thread's last message carries. */
const shares = (played: PlayedReaders): number[] =>
  played.threads.map(({ given }) => given.at(-1)?.length ?? 0)

describe('reads that are called in one turn', () => {
  it.each([
    [1, 1, [1]],
    [2, 1, [1, 0]],
    [2, 2, [1, 1]],
    [2, 3, [2, 1]],
    [2, 4, [2, 2]],
    [3, 7, [3, 3, 1]],
    [4, 2, [1, 1, 0, 0]],
  ])('are spread over the free readers: %d readers, %d reads', async (readers, reads, expected) => {
    const played = withReaders(readers)
    await submitAll(
      played,
      Array.from({ length: reads }, (_, n) => `${n}`),
    )
    expect([shares(played), played.desk.waiting]).toEqual([expected, 0])
  })

  it('share messages of a bounded length', async () => {
    const played = withReaders(1)
    const labels = Array.from({ length: readsPerMessageMax * 2 + 1 }, (_, n) => `${n}`)
    await submitAll(played, labels)
    expect([shares(played), played.desk.waiting]).toEqual([[readsPerMessageMax], readsPerMessageMax + 1])
    for (let message = 0; message < 3; message++) {
      played.threads[0]?.answer()
      await played.turn()
    }
    expect(played.answered).toEqual(labels)
  })

  it('leave a share for the readers that are busy, but not for those that have no thread', async () => {
    const played = withReaders(3)
    await submitAll(played, ['busy 1', 'busy 2', 'busy 3'])
    for (const label of 'abcdef') played.submit(label)
    played.threads[0]?.answer()
    await played.turn()
    expect([shares(played), played.desk.waiting]).toEqual([[2, 1, 1], 4])
    played.threads[1]?.die()
    played.threads[0]?.answer()
    await played.turn()
    // Of what waits, the dead one's read at the front.
    expect([played.threads[0]?.given.at(-1), played.desk.waiting]).toEqual([['busy 2', 'c', 'd'], 2])
  })
})

/*
 * thread                          desk
 * ------                          ----
 * begins `slow`, of `slow b c`
 *                                 2 ms later: takes `b` and `c` back, gives them to another
 * answers `slow` alone
 */
describe('reads behind a slow one in their message', () => {
  it('go to a reader that is free, before those that wait', async () => {
    const played = withReaders(2)
    const [first, second] = played.threads
    await submitAll(played, ['busy 1', 'busy 2'])
    for (const label of ['slow', 'b', 'c', 'd', 'e', 'f']) played.submit(label)
    first?.answer()
    await played.turn()
    expect(first?.given.at(-1)).toEqual(['slow', 'b', 'c'])
    first?.begin()
    played.clock.advance(readsMoveMs - 1)
    second?.answer()
    await played.turn()
    expect(second?.given.at(-1)).toEqual(['d', 'e'])
    played.clock.advance(1)
    second?.answer()
    await played.turn()
    expect(second?.given.at(-1)).toEqual(['b', 'c'])
    second?.answer()
    first?.answer()
    await played.turn()
    expect(played.answered).toEqual(['busy 1', 'busy 2', 'd', 'e', 'b', 'c', 'slow'])
    expect(first?.given.at(-1)).toEqual(['f'])
  })

  it('stay where they are while nothing runs, and are looked at again', async () => {
    const played = withReaders(1)
    const [thread] = played.threads
    await submitAll(played, ['a', 'b', 'c'])
    played.clock.advance(readsMoveMs)
    expect(played.desk.waiting).toBe(0)
    thread?.begin()
    thread?.begin()
    played.clock.advance(readsMoveMs)
    expect(played.desk.waiting).toBe(1)
    thread?.answer()
    await played.turn()
    expect(thread?.given).toEqual([['a', 'b', 'c'], ['c']])
    expect(played.answered).toEqual(['a', 'b'])
  })

  it('are not looked at once all is answered', async () => {
    const played = withReaders(1)
    await submitAll(played, ['a', 'b'])
    played.threads[0]?.answer()
    played.clock.advance(readsMoveMs)
    expect(played.clock.timers).toBe(0)
  })
})

/*
 * thread                          desk
 * ------                          ----
 * runs `a`, `b`, begins `slow`
 *                                 2 ms later: takes `d` back; 2 ms later: `slow` runs still, so `a` and `b` are for others, too
 * answers `slow`
 *                                 gives it `a` and `b`, without `d`, which may be slow as well
 */
describe('reads before a slow one in their message', () => {
  it('go on without any that may be slow, so that they are not run in vain for ever', async () => {
    const played = withReaders(1)
    const [thread] = played.threads
    await submitAll(played, ['a', 'b', 'slow', 'd'])
    for (let n = 0; n < 3; n++) thread?.begin()
    played.clock.advance(readsMoveMs)
    played.clock.advance(readsMoveMs)
    played.submit('e')
    thread?.answer()
    await played.turn()
    expect([played.answered, thread?.given.at(-1)]).toEqual([['slow'], ['a', 'b']])
    thread?.answer()
    await played.turn()
    expect([played.answered, thread?.given.at(-1)]).toEqual([
      ['slow', 'a', 'b'],
      ['d', 'e'],
    ])
  })
})

it('reads that their thread handed back go to the front, in their order', async () => {
  const played = withReaders(1)
  const [thread] = played.threads
  await submitAll(played, ['a', 'b', 'c', 'd'])
  played.submit('e')
  thread?.answer(2)
  await played.turn()
  expect(thread?.given).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd', 'e'],
  ])
  thread?.answer()
  expect(played.answered).toEqual(['a', 'b', 'c', 'd', 'e'])
})

describe('snapshots and streams', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
  ])('take of %d readers at most %d', async (readers, lent) => {
    const played = withReaders(readers)
    for (let n = 0; n < 3; n++) {
      played.snapshot()
      played.stream()
    }
    await played.turn()
    expect([played.desk.classes.interactive.lent, played.desk.waiting]).toEqual([lent, 6 - lent])
    played.submit('a')
    await played.turn()
    expect(played.given().flat()).toEqual(lent < readers ? ['a'] : [])
  })

  it('leave a reader for the reads inside them, also where one has stopped for good', async () => {
    const played = withReaders(3)
    const [first] = played.threads
    first?.die()
    first?.seat.onStopped(new LockkeeperError('died too often', { code: 'thread-lost', stage: 'execute' }))
    for (let n = 0; n < 3; n++) played.snapshot()
    await played.turn()
    expect([played.desk.classes.interactive.lent, played.desk.waiting]).toEqual([1, 2])
  })

  it('get a reader in the order in which they came, before the reads that wait', async () => {
    const played = withReaders(1)
    await submitAll(played, ['busy'])
    const begun: string[] = []
    for (const name of ['x', 'y']) void played.snapshot().begun.then(() => begun.push(name))
    played.submit('a')
    const [thread] = played.threads
    thread?.answer()
    await played.turn()
    expect(thread?.inbox).toEqual(['begin'])
    thread?.reply()
    await played.turn()
    expect([begun, played.desk.waiting]).toEqual([['x'], 2])
  })

  it('leave the line at their deadline or abort, and take no reader then', async () => {
    const played = withReaders(2)
    await played.busy()
    const aborting = new AbortController()
    const late = played.snapshot({ deadlineMs: 10 })
    const next = played.stream({ signal: aborting.signal }).next()
    aborting.abort()
    played.clock.advance(10)
    await expect(late.begun).rejects.toMatchObject({
      code: 'deadline-exceeded',
      stage: 'read',
      label: 'snapshot',
    })
    await expect(next).rejects.toMatchObject({ code: 'aborted', stage: 'read', label: 'stream' })
    for (const thread of played.threads) thread.answer()
    await played.turn()
    expect([played.desk.classes.interactive.lent, played.desk.waiting, played.clock.timers]).toEqual([
      0, 0, 0,
    ])
  })
})
