// Connections of one process, in threads: they wait for the lock as processes do, and one thread can end what another waits for
// or runs (promise 15: runaway work ends, and nothing else does).
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ConnectionThread } from './connection-thread.ts'
import { bodiesIn, makeDatabase, openSignalsControl } from './extension.ts'
import { describeWithSignals } from './found.ts'
import { lookInto, untilWaits } from './room.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
  makeDatabase(file)
})

afterEach(() => folder[Symbol.asyncDispose]())

const insert = (body: string): string => `insert into notes (body) values ('${body}')`

/** Until a connection of this process waits for the lock. */
const waiting = ({ connection }: ConnectionThread): Promise<void> =>
  untilWaits(file, { pid: process.pid, connection })

describeWithSignals('two connections of one process', () => {
  it('hand the lock over to each other', async () => {
    await using first = await ConnectionThread.start(file)
    await using second = await ConnectionThread.start(file)
    let woken = 0
    for (let round = 0; round < 10; round++) {
      await first.run('begin immediate')
      expect(lookInto(file).holder).toEqual({ pid: process.pid, connection: first.connection })
      await first.run(insert('first'))
      const begun = second.run('begin immediate')
      await waiting(second)
      await first.run('commit')
      const { code, waits } = await begun
      expect(code).toBe(undefined)
      woken = waits?.woken ?? 0
      await second.run(insert('second'))
      await second.run('commit')
    }
    // The waiter also looks by itself now and then, and may by chance come before its wake-up.
    expect(woken).toBeGreaterThan(5)
    expect(bodiesIn(file)).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'first' : 'second')))
  })

  /*
   * holder                            waiter
   * ------                            ------
   * BEGIN IMMEDIATE
   *                                   BEGIN IMMEDIATE …
   * COMMIT; BEGIN IMMEDIATE …
   *                                   … has the lock; COMMIT
   * … has the lock
   */
  it('leave the lock to who waits for it, when one asks again as soon as it has given it up', async () => {
    await using holder = await ConnectionThread.start(file)
    await using waiter = await ConnectionThread.start(file)
    const rounds = 10
    let deferred = 0
    for (let round = 0; round < rounds; round++) {
      await holder.run(`begin immediate; ${insert('before')}`)
      const waited = waiter.run(`begin immediate; ${insert('waiter')}; commit`)
      await waiting(waiter)
      const { waits } = await holder.run(`commit; begin immediate; ${insert('after')}; commit`)
      deferred = waits?.deferred ?? 0
      expect(await waited).toMatchObject({ code: undefined })
    }
    // Not in every round: the waiter may be so quick that there is nothing left to leave to it.
    expect(deferred).toBeGreaterThan(0)
    expect(bodiesIn(file)).toEqual(Array.from({ length: rounds }, () => ['before', 'waiter', 'after']).flat())
  })

  it('lose nothing when both write as fast as they can', async () => {
    await using first = await ConnectionThread.start(file)
    await using second = await ConnectionThread.start(file)
    const count = 1_000
    const answers = await Promise.all([first.write('first', count), second.write('second', count)])
    expect(answers.map(({ code }) => code)).toEqual([undefined, undefined])
    const bodies = bodiesIn(file)
    expect(bodies.filter((body) => body === 'first')).toHaveLength(count)
    expect(bodies.filter((body) => body === 'second')).toHaveLength(count)
    expect(answers.reduce((sum, { waits }) => sum + (waits?.waits ?? 0), 0)).toBeGreaterThan(0)
    expect(lookInto(file)).toEqual({ holder: undefined, places: [] })
  })

  it('free the lock when the holder’s thread ends in its transaction', async () => {
    await using waiter = await ConnectionThread.start(file)
    let begun: ReturnType<ConnectionThread['run']>
    {
      await using holder = await ConnectionThread.start(file)
      await holder.run('begin immediate')
      await holder.run(insert('lost'))
      begun = waiter.run('begin immediate')
      await waiting(waiter)
    }
    expect(await begun).toMatchObject({ code: undefined, inTransaction: true })
    await waiter.run(insert('kept'))
    await waiter.run('commit')
    expect(bodiesIn(file)).toEqual(['kept'])
  })
})

describeWithSignals('wake, from another thread', () => {
  it('ends a wait for the lock with SQLITE_BUSY; the lock stays where it is', async () => {
    using control = openSignalsControl()
    await using holder = await ConnectionThread.start(file)
    await using waiter = await ConnectionThread.start(file)
    await holder.run('begin immediate')
    const begun = waiter.run('begin immediate')
    await waiting(waiter)
    expect(control.signals.wake(waiter.connection)).toBe(true)
    expect(await begun).toMatchObject({
      code: 'SQLITE_BUSY',
      inTransaction: false,
      waits: { waits: 1, timedOut: 1 },
    })
    await holder.run(insert('holder'))
    expect(await holder.run('commit')).toMatchObject({ code: undefined })
    expect(await waiter.run('begin immediate')).toMatchObject({ code: undefined, inTransaction: true })
  })

  it('ends one wait, not the next', async () => {
    using control = openSignalsControl()
    await using holder = await ConnectionThread.start(file)
    await using waiter = await ConnectionThread.start(file)
    await holder.run('begin immediate')
    const first = waiter.run('begin immediate')
    await waiting(waiter)
    control.signals.wake(waiter.connection)
    expect(await first).toMatchObject({ code: 'SQLITE_BUSY' })
    const second = waiter.run('begin immediate')
    await waiting(waiter)
    await holder.run('commit')
    expect(await second).toMatchObject({ code: undefined, waits: { waits: 2, timedOut: 1 } })
  })

  it('that comes before the wait ends it as it begins', async () => {
    using control = openSignalsControl()
    await using holder = await ConnectionThread.start(file)
    await using waiter = await ConnectionThread.start(file)
    await holder.run('begin immediate')
    expect(control.signals.wake(waiter.connection)).toBe(true)
    expect(await waiter.run('begin immediate')).toMatchObject({ code: 'SQLITE_BUSY' })
  })

  it('lets the next in the queue have the lock', async () => {
    using control = openSignalsControl()
    await using holder = await ConnectionThread.start(file)
    await using first = await ConnectionThread.start(file)
    await using second = await ConnectionThread.start(file)
    await holder.run('begin immediate')
    const given = [first.run('begin immediate')]
    await waiting(first)
    given.push(second.run('begin immediate'))
    await waiting(second)
    control.signals.wake(first.connection)
    await given[0]
    await holder.run('commit')
    expect(await Promise.all(given)).toMatchObject([{ code: 'SQLITE_BUSY' }, { code: undefined }])
  })

  it('finds no connection that has been closed, nor one that never was', async () => {
    using control = openSignalsControl()
    await using thread = await ConnectionThread.start(file)
    await thread.close()
    expect(control.signals.wake(thread.connection)).toBe(false)
    expect(control.signals.interrupt(thread.connection)).toBe(false)
    expect(control.signals.wake(1_000_000)).toBe(false)
    expect(control.signals.interrupt(1_000_000)).toBe(false)
  })
})

/** Marks every step. It would go on for seconds; it ends at all so that a test that fails ends too. */
const runaway = 'with recursive steps (n) as (select mark() union all select mark() from steps limit 5000000)'

describeWithSignals('interrupt, from another thread', () => {
  it('ends a runaway query with SQLITE_INTERRUPT, and not the statement after it', async () => {
    using control = openSignalsControl()
    await using thread = await ConnectionThread.start(file)
    for (let round = 0; round < 20; round++) {
      const before = thread.marks
      const running = thread.run(`${runaway} select count(*) from steps`)
      await until('the query runs', () => thread.marks > before)
      expect(control.signals.interrupt(thread.connection)).toBe(true)
      expect(await running).toMatchObject({ code: 'SQLITE_INTERRUPT' })
      expect(await thread.run(insert(`round ${round}`))).toMatchObject({ code: undefined })
    }
    expect(bodiesIn(file)).toHaveLength(20)
  })

  it('of a runaway write takes its whole transaction back, and frees the lock', async () => {
    using control = openSignalsControl()
    await using thread = await ConnectionThread.start(file)
    await using other = await ConnectionThread.start(file)
    await thread.run('begin immediate')
    await thread.run(insert('lost'))
    const running = thread.run(`insert into notes (body) ${runaway} select 'step ' || n from steps`)
    await until('the write runs', () => thread.marks > 0)
    const begun = other.run('begin immediate')
    await waiting(other)
    control.signals.interrupt(thread.connection)
    expect(await running).toMatchObject({ code: 'SQLITE_INTERRUPT', inTransaction: false })
    expect(await begun).toMatchObject({ code: undefined })
    await other.run(insert('kept'))
    await other.run('commit')
    expect(bodiesIn(file)).toEqual(['kept'])
  })

  it('of a runaway query leaves its transaction open', async () => {
    using control = openSignalsControl()
    await using thread = await ConnectionThread.start(file)
    await thread.run('begin immediate')
    await thread.run(insert('kept'))
    const running = thread.run(`${runaway} select count(*) from steps`)
    await until('the query runs', () => thread.marks > 0)
    control.signals.interrupt(thread.connection)
    expect(await running).toMatchObject({ code: 'SQLITE_INTERRUPT', inTransaction: true })
    await thread.run('commit')
    expect(bodiesIn(file)).toEqual(['kept'])
  })

  it('of a connection that runs nothing is forgotten', async () => {
    using control = openSignalsControl()
    await using thread = await ConnectionThread.start(file)
    for (let round = 0; round < 20; round++) {
      expect(control.signals.interrupt(thread.connection)).toBe(true)
      expect(await thread.run(insert(`round ${round}`))).toMatchObject({ code: undefined })
    }
    expect(bodiesIn(file)).toHaveLength(20)
  })

  it('touches one connection only', async () => {
    using control = openSignalsControl()
    await using first = await ConnectionThread.start(file)
    await using second = await ConnectionThread.start(file)
    const running = [first, second].map((thread) => thread.run(`${runaway} select count(*) from steps`))
    await until('both queries run', () => first.marks > 0 && second.marks > 0)
    control.signals.interrupt(first.connection)
    expect(await running[0]).toMatchObject({ code: 'SQLITE_INTERRUPT' })
    const before = second.marks
    await until('the other query runs on', () => second.marks > before)
    control.signals.interrupt(second.connection)
    expect(await running[1]).toMatchObject({ code: 'SQLITE_INTERRUPT' })
  })
})
