// Promise 15, for reads that share a message: each can be given up alone, and an interrupt hits just the one that is meant.
// The threads are played by the test.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlayedReader } from '../../fixtures/played-reader.ts'
import { PlayedReaders } from '../../fixtures/played-readers.ts'
import { WorkGate } from '../interrupts/work-gate.ts'
import { overdueMs, readersRetiredMax, readsMoveMs } from '../limits.ts'

let played: PlayedReaders
let thread: PlayedReader
/** Which read each interrupt hit. */
let hits: (string | undefined)[]
let aborting: Record<string, AbortController>

const play = (signals: boolean, interactive = 1): void => {
  const interrupt = (): boolean => hits.push(thread.reading) > 0
  const readers = { interactive, background: 0 }
  played = new PlayedReaders(signals ? { readers, interrupter: { interrupt } } : { readers })
  thread = played.threads[0] as PlayedReader
}

/** One message, each read of which can be aborted. */
const submit = async (...labels: string[]): Promise<void> => {
  aborting = {}
  for (const label of labels) {
    const controller = new AbortController()
    aborting[label] = controller
    played.submit(label, { signal: controller.signal })
  }
  await played.turn()
}

beforeEach(() => {
  hits = []
  play(false)
})

describe('of three reads in a message that runs the second', () => {
  it.each(['a', 'b', 'c'])('the given-up one alone ends early: %s', async (given) => {
    await submit('a', 'b', 'c')
    thread.begin()
    thread.begin()
    aborting[given]?.abort()
    expect(played.failures()).toEqual([`${given}: aborted`])
    expect(thread.gate.isCancelled).toBe(given === 'b')
    thread.answer()
    await played.turn()
    expect(played.answered).toEqual(['a', 'b', 'c'].filter((label) => label !== given))
    expect(played.failures()).toEqual([`${given}: aborted`])
    expect(thread.isIdle).toBe(true)
  })

  it('the given-up one behind it is not begun, once the message is looked at', async () => {
    await submit('a', 'b', 'c')
    thread.begin()
    thread.begin()
    aborting.c?.abort()
    played.clock.advance(readsMoveMs)
    expect(thread.begin()).toBe(false)
    thread.answer()
    await played.turn()
    expect([thread.given, played.answered]).toEqual([[['a', 'b', 'c']], ['a', 'b']])
  })
})

describe('with signals', () => {
  beforeEach(() => play(true))

  it('a read that is given up before it begins is cut off when it does', async () => {
    await submit('a', 'b')
    aborting.b?.abort()
    thread.begin()
    thread.begin()
    expect(hits).toEqual([])
    played.clock.advance(readsMoveMs)
    expect(hits).toEqual(['b'])
    thread.answer()
    expect(played.answered).toEqual(['a'])
  })

  it('a second read of the message is cut off, too, when the first one has been', async () => {
    await submit('a', 'b')
    thread.begin()
    aborting.a?.abort()
    thread.begin()
    aborting.b?.abort()
    expect(hits).toEqual(['a', 'b'])
    played.clock.advance(2)
    expect(hits).toEqual(['a', 'b', 'b'])
    thread.answer()
    played.clock.advance(100)
    expect([hits.length, played.clock.timers]).toEqual([3, 0])
  })

  /*
   * thread                          desk
   * ------                          ----
   * runs `a`
   *                                 abort: looks, `a` runs
   * leaves `a`, begins `b`          …
   *                                 cuts `a` off: nobody is hit
   */
  it.each(['begins the next', 'is through'])(
    'nobody else is hit where the thread %s at that moment',
    async (what) => {
      await submit('a', 'b')
      thread.begin()
      const look = vi.spyOn(WorkGate.prototype, 'work', 'get')
      look.mockImplementationOnce(() => {
        if (what === 'is through') thread.finish()
        else thread.begin()
        return 1
      })
      aborting.a?.abort()
      look.mockRestore()
      played.clock.advance(50)
      expect(hits).toEqual([])
      if (what === 'is through') thread.deliver()
      else thread.answer()
      expect([played.answered, played.failures()]).toEqual([['b'], ['a: aborted']])
      await submit('c')
      thread.answer()
      expect(played.answered).toEqual(['b', 'c'])
    },
  )

  it('a look at a message whose thread has just left the gate holds nobody', async () => {
    await submit('a')
    thread.begin()
    aborting.a?.abort()
    thread.finish()
    hits.length = 0
    played.clock.advance(readsMoveMs)
    expect(hits).toEqual([])
    thread.deliver()
    await submit('b')
    expect(thread.begin()).toBe(true)
    thread.answer()
    expect(played.answered).toEqual(['b'])
  })
})

describe('a read that is given up and does not end', () => {
  beforeEach(() => play(false, 2))

  it('has its reader replaced; the old one leaves when it surfaces, and its answer is nobody’s', async () => {
    await submit('stuck')
    thread.begin()
    aborting.stuck?.abort()
    played.clock.advance(overdueMs - 1)
    expect(played.threads).toHaveLength(2)
    played.clock.advance(1)
    expect(played.threads).toHaveLength(3)
    expect(played.retired).toEqual([{ reader: 'reader-1', label: 'stuck', reason: 'overdue' }])
    expect(played.counters.readersRetired.toJSON()).toEqual({ stuck: { overdue: 1 } })
    expect(played.desk.seats.map(({ name }) => name)).toEqual(['reader-3', 'reader-2'])
    expect([played.desk.retired.length, played.desk.seats.every(({ isFree }) => isFree)]).toEqual([1, true])
    await submit('a', 'b')
    expect(played.given()).toEqual([['stuck'], ['b'], ['a']])
    expect(thread.held).toBe(true)
    thread.answer()
    expect([thread.held, thread.seat.isFree]).toEqual([false, false])
    thread.die()
    expect(played.desk.retired).toEqual([])
    expect(played.failures()).toEqual(['stuck: aborted'])
  })

  it('gives what stood behind it back before it goes', async () => {
    await played.busy()
    aborting = { stuck: new AbortController() }
    played.submit('stuck', { signal: (aborting.stuck as AbortController).signal })
    for (const label of ['b', 'c']) played.submit(label)
    thread.answer()
    await played.turn()
    expect(thread.given.at(-1)).toEqual(['stuck', 'b'])
    aborting.stuck?.abort()
    played.clock.advance(overdueMs - 1)
    thread.begin()
    played.clock.advance(1)
    played.threads[1]?.answer()
    await played.turn()
    expect([played.threads[1]?.given.at(-1), played.threads[2]?.given]).toEqual([['c'], [['b']]])
  })

  it('is left where it is, if so many have been replaced already; and replaced once one of those has ended', async () => {
    for (let n = 0; n < readersRetiredMax + 1; n++) {
      await submit(`stuck ${n}`)
      played.threads.at(n === 0 ? 0 : -1)?.begin()
      for (const controller of Object.values(aborting)) controller.abort()
      played.clock.advance(overdueMs)
    }
    expect(played.desk.retired).toHaveLength(readersRetiredMax)
    expect([played.retired.length, played.threads.length]).toEqual([readersRetiredMax, readersRetiredMax + 2])
    thread.answer()
    thread.die()
    expect(played.desk.retired).toHaveLength(readersRetiredMax - 1)
    played.clock.advance(overdueMs)
    expect(played.desk.retired).toHaveLength(readersRetiredMax)
    expect(played.retired.at(-1)?.label).toBe(`stuck ${readersRetiredMax}`)
  })

  it('is not replaced if it ends in time, nor by its thread’s next read', async () => {
    await submit('late')
    thread.begin()
    aborting.late?.abort()
    played.clock.advance(overdueMs - 1)
    thread.answer()
    await submit('next')
    thread.begin()
    played.clock.advance(1)
    expect([played.retired, played.threads.length]).toEqual([[], 2])
  })
})
