// Promise 13: closing loses nothing silently. It drains within its deadline, or reports what it did not write; afterwards no
// thread is left, and the process can end.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idsOf, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(() => folder[Symbol.asyncDispose]())

const nothing = { user: 0, sync: 0, background: 0 }
const insert = 'insert into notes (id) values (?)'

async function storedIds(): Promise<number[]> {
  await using db = await openNotes(file)
  return await idsOf(db)
}

/** After a close that did not wait for its threads: once the last of them has let go of the file. */
async function storedIdsInTheEnd(): Promise<number[]> {
  for (;;) {
    try {
      return await storedIds()
    } catch (error) {
      if (!isLockkeeperError(error) || error.code !== 'already-open') throw error
      await nextTurn()
    }
  }
}

describe('closing', () => {
  it('drains what is queued in every lane', async () => {
    const db = await openNotes(file)
    const tickets = Array.from({ length: 3_000 }, (_, id) =>
      db.write(insert, [id], { lane: (['user', 'sync', 'background'] as const)[id % 3] }),
    )
    expect(await db.close()).toEqual({ notWritten: nothing })
    const outcomes = await Promise.all(tickets.map((ticket) => ticket.outcome()))
    expect(outcomes.every(({ outcome }) => outcome === 'committed')).toBe(true)
    expect(await storedIds()).toHaveLength(3_000)
  })

  /*
   * app                                   writer’s thread
   * ---                                   ---------------
   * write a procedure that waits
   *                                       waits inside the procedure
   * write into the other lanes
   * close with a deadline of 0
   * tell the writer to leave
   * open the procedure’s gate
   *                                       commits the procedure; leaves
   * is told what was not written
   */
  it('with a deadline of 0 ends the batch that runs, and reports the rest as not written', async () => {
    const db = await openNotes(file)
    const gate = threadGate()
    const running = db.call.notes.addWhenOpen({ id: 1, body: 'a', gate: gate.buffer })
    await gate.reached
    const queued = [2, 3].map((id) => db.write(insert, [id]))
    const bulk = db.write(insert, [4], { lane: 'sync' })
    const closing = db.close({ deadlineMs: 0 })
    await until('the writer was told to leave', () => db.report().states.writer.endsWith('leaving'))
    gate.open()
    expect(await closing).toEqual({ notWritten: { user: 2, sync: 1, background: 0 } })
    expect(await running).toBe(1)
    for (const ticket of [...queued, bulk]) {
      expect(await ticket.outcome()).toMatchObject({ outcome: 'not-stored', error: { code: 'closed' } })
    }
    expect(await storedIdsInTheEnd()).toEqual([1])
  })

  it('says of a write that would not end that it may or may not be stored, and counts it', async () => {
    const db = await openNotes(file)
    const gate = threadGate()
    const running = db.call.notes.addWhenOpen({ id: 1, body: 'a', gate: gate.buffer })
    await gate.reached
    expect(await db.close({ deadlineMs: 0 })).toEqual({ notWritten: { ...nothing, user: 1 } })
    expect(await running.outcome()).toMatchObject({
      outcome: 'unknown',
      error: { code: 'closed', stage: 'commit' },
    })
    gate.open()
  })

  it('refuses what is sent meanwhile, but not what the registered drains still hand over', async () => {
    const db = await openNotes(file)
    db.beforeClose(async () => {
      await db.write(insert, [1])
    })
    const forgotten = db.beforeClose(async () => {
      await db.write(insert, [2])
    })
    forgotten()
    const closing = db.close()
    expect(await closing).toEqual({ notWritten: nothing })
    expect(await db.write(insert, [3]).outcome()).toMatchObject({ error: { code: 'closed' } })
    expect(await storedIds()).toEqual([1])
  })

  it('does not wait for a drain past its deadline', async () => {
    const db = await openNotes(file)
    db.beforeClose(() => new Promise(() => {}))
    expect(await db.close({ deadlineMs: 1 })).toEqual({ notWritten: nothing })
  })

  it('may be asked for at the same time from everywhere: it is done once', async () => {
    const db = await openNotes(file)
    const reports = await Promise.all([db.close(), db.close({ deadlineMs: 0 }), db[Symbol.asyncDispose]()])
    expect(reports[0]).toBe(reports[1])
  })

  it('ends every read: those under way with their answer, those that wait with a refusal', async () => {
    const db = await openNotes(file, { readers: { interactive: 1 } })
    const gate = threadGate()
    const running = db.call.notes.countTwice(gate.buffer)
    await gate.reached
    const waiting = expect(db.readValue('select 1')).rejects.toMatchObject({ code: 'closed', stage: 'read' })
    const closing = db.close()
    await waiting
    gate.open()
    expect(await running).toEqual([0, 0])
    await closing
  })

  it('takes a deadline without end for what it says', async () => {
    const db = await openNotes(file)
    const tickets = Array.from({ length: 500 }, (_, id) => db.write(insert, [id]))
    expect(await db.close({ deadlineMs: Number.POSITIVE_INFINITY })).toEqual({ notWritten: nothing })
    expect((await tickets.at(-1)?.outcome())?.outcome).toBe('committed')
  })
})

const program = (name: string) => new URL(`../../fixtures/programs/${name}.ts`, import.meta.url)

describe('a process', () => {
  it.each(['open-write-close', 'open-and-leave', 'write-and-leave'])(
    'that runs %s ends by itself, with everything stored that it wrote',
    async (name) => {
      await using child = childProcess(program(name), { args: [file] })
      expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' })
      expect(await storedIds()).toEqual([1, 2, 3])
    },
  )

  it('has no unhandled rejection from failed tickets that nobody awaits, but is told of each', async () => {
    await using child = childProcess(program('unheard-failures'), { args: [file] })
    expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' })
    expect(child.told).toEqual([
      {
        heard: ['lane-full', 'sqlite-constraint-primarykey', 'statement-refused'],
        counted: 3,
        late: 'statement-refused',
      },
    ])
  })
})
