// The queue before the write lock: who came first goes first, and nobody waits for one that is gone, stopped or out of patience
// (promise 3: every wait ends, with the lock or with an honest refusal).
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Contender } from './contender.ts'
import { bodiesIn, makeDatabase } from './extension.ts'
import { describeWithSignals } from './found.ts'
import { lookInto, untilHeeded, untilPassedOver } from './room.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  makeDatabase(file)
})

afterEach(() => folder[Symbol.asyncDispose]())

const start = (name: string, waitMs?: number) =>
  Contender.start({ file, name, ...(waitMs !== undefined && { waitsMs: [waitMs] }) })

describeWithSignals('the queue', () => {
  /*
   * holder            first          second         third
   * ------            -----          ------         -----
   * BEGIN IMMEDIATE
   *                   waits
   *                                  waits
   *                                                 waits
   * COMMIT
   *                   has the lock
   * waits             COMMIT
   *                                  has the lock   …
   */
  it('keeps the order of arrival, and who comes again goes to its end', async () => {
    await using holder = await start('holder')
    await using first = await start('first')
    await using second = await start('second')
    await using third = await start('third')
    await holder.takesFree()
    for (const waiter of [first, second, third]) await waiter.queues()
    expect(lookInto(file).holder?.pid).toBe(holder.pid)
    expect(lookInto(file).places.map(({ pid }) => pid)).toEqual([first.pid, second.pid, third.pid])
    await holder.release()
    await first.takes()
    await holder.queues()
    expect(lookInto(file).places.map(({ pid }) => pid)).toEqual([second.pid, third.pid, holder.pid])
    for (const [current, next] of [
      [first, second],
      [second, third],
      [third, holder],
    ] as const) {
      await current.release()
      await next.takes()
    }
    await holder.release()
    expect(bodiesIn(file)).toEqual(['holder', 'first', 'second', 'third', 'holder'])
    expect(lookInto(file)).toEqual({ holder: undefined, places: [] })
  })

  it('goes on without a waiter that was killed, wherever it stood', async () => {
    await using holder = await start('holder')
    const waiters = await Promise.all(['a', 'b', 'c', 'd'].map((name) => start(name)))
    const [a, b, c, d] = waiters as [Contender, Contender, Contender, Contender]
    try {
      await holder.takesFree()
      for (const waiter of waiters) await waiter.queues()
      await a.kill()
      await c.kill()
      await holder.release()
      await b.takes()
      await b.release()
      await d.takes()
      await d.release()
      expect(bodiesIn(file)).toEqual(['holder', 'b', 'd'])
    } finally {
      for (const waiter of waiters) await waiter[Symbol.asyncDispose]()
    }
  })

  it('passes over a waiter that is stopped, which gets the lock when it goes on', async () => {
    await using holder = await start('holder')
    await using stopped = await start('stopped')
    await using waiter = await start('waiter')
    await holder.takesFree()
    await stopped.queues()
    await waiter.queues()
    stopped.signal('SIGSTOP')
    await untilPassedOver(file, stopped.pid)
    await holder.release()
    await waiter.takes()
    stopped.signal('SIGCONT')
    await waiter.release()
    await stopped.takes()
    await stopped.release()
    expect(bodiesIn(file)).toEqual(['holder', 'waiter', 'stopped'])
  })

  it('keeps the place of a waiter that was stopped: it goes before those who came later', async () => {
    await using holder = await start('holder')
    await using stopped = await start('stopped')
    await using waiter = await start('waiter')
    await holder.takesFree()
    await stopped.queues()
    await waiter.queues()
    stopped.signal('SIGSTOP')
    await untilPassedOver(file, stopped.pid)
    stopped.signal('SIGCONT')
    await untilHeeded(file, stopped.pid)
    await holder.release()
    await stopped.takes()
    await stopped.release()
    await waiter.takes()
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['holder', 'stopped', 'waiter'])
  })
})

describeWithSignals('a waiter’s patience', () => {
  it('ends with SQLITE_BUSY at its deadline, not before', async () => {
    const waitMs = 150
    await using holder = await start('holder')
    await using waiter = await start('waiter', waitMs)
    await holder.takesFree()
    for (let round = 1; round <= 3; round++) {
      await waiter.ask()
      const { code, elapsedMs, waits } = await waiter.attempt()
      expect(code).toBe('SQLITE_BUSY')
      // The deadline is kept in whole milliseconds.
      expect(elapsedMs).toBeGreaterThanOrEqual(waitMs - 1)
      expect(elapsedMs).toBeLessThan(waitMs * 20)
      expect(waits).toMatchObject({ waits: round, timedOut: round })
      expect(waits.waitedMs).toBeGreaterThanOrEqual((waitMs - 1) * round)
    }
    await holder.release()
    await waiter.takesFree()
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['holder', 'waiter'])
  })

  it('of 0 is refused at once', async () => {
    await using holder = await start('holder')
    await using waiter = await start('waiter', 0)
    await holder.takesFree()
    await waiter.ask()
    expect(await waiter.attempt()).toMatchObject({ code: 'SQLITE_BUSY', waits: { waits: 1, timedOut: 1 } })
    expect(lookInto(file).places).toEqual([])
  })

  it('keeps nobody behind it waiting once it has ended', async () => {
    await using holder = await start('holder')
    await using hasty = await start('hasty', 150)
    await using waiter = await start('waiter')
    await holder.takesFree()
    await hasty.queues()
    await waiter.queues()
    expect(await hasty.attempt()).toMatchObject({ code: 'SQLITE_BUSY' })
    expect(lookInto(file).places.map(({ pid, away }) => ({ pid, away }))).toEqual([
      { pid: hasty.pid, away: true },
      { pid: waiter.pid, away: false },
    ])
    await holder.release()
    await waiter.takes()
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['holder', 'waiter'])
  })

  it('that ended keeps its place for a moment: coming back, it goes before those who came later', async () => {
    await using holder = await start('holder')
    await using returning = await Contender.start({ file, name: 'returning', waitsMs: [150, 20_000] })
    await using waiter = await start('waiter')
    await holder.takesFree()
    await returning.queues()
    await waiter.queues()
    const places = lookInto(file).places.map(({ pid, ticket }) => ({ pid, ticket }))
    expect(await returning.attempt()).toMatchObject({ code: 'SQLITE_BUSY' })
    // It comes back within a few milliseconds; the place is kept for a second.
    await returning.queues()
    expect(lookInto(file).places.map(({ pid, ticket }) => ({ pid, ticket }))).toEqual(places)
    await holder.release()
    await returning.takes()
    await returning.release()
    await waiter.takes()
    await waiter.release()
    expect(bodiesIn(file)).toEqual(['holder', 'returning', 'waiter'])
  })
})
