// Promises 3, 7, 15 and 16, with a neighbour that has the write lock most of the time, or for longer than anybody waits.
import type { Database } from '@lockkeeper/core'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bodiesOf, insert, openNotes } from './notes.ts'

let folder: TemporaryFolder
let file: string
let db: Database

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const holder = () =>
  childProcess(new URL('../concurrency/programs/hold-lock.ts', import.meta.url), { args: [file, 'theirs 1'] })

const contended = () => until('the writer is contended', () => /contended/.test(db.report().states.writer))

describe('a neighbour that has the lock 50 ms out of every 60', () => {
  it('neither keeps our writes out nor is kept out; reads go on', async () => {
    db = await openNotes(file)
    await using neighbour = childProcess(new URL('./programs/beat.ts', import.meta.url), { args: [file] })
    await neighbour.toldAtLeast(1)
    let stored = 0
    while (stored < 10 || neighbour.told.length < 10) {
      const ticket = db.write(insert, [`ours ${stored}`], { deadlineMs: 15_000 })
      expect(await db.readValue('select 1')).toBe(1)
      await ticket
      stored++
    }
    const beats = neighbour.told.length
    expect(await bodiesOf(db, 'ours')).toEqual(Array.from({ length: stored }, (_, n) => `ours ${n}`))
    expect((await bodiesOf(db, 'theirs')).length).toBeGreaterThanOrEqual(beats)
    expect(db.report().lanes.user).toMatchObject({ committed: stored, failed: 0 })
    expect(db.report().restarts).toEqual({ writer: 0, readers: 0 })
  })
})

describe('a neighbour that keeps the lock longer than writes may wait', () => {
  /*
   * here                                 the neighbour
   * ----                                 -------------
   *                                      BEGIN IMMEDIATE
   * two writes wait, the writer shows it
   * reads, all the while
   * one ends by its deadline,
   * the other by the give-up time
   *                                      COMMIT
   */
  it('lets each write end by its deadline or by the give-up time, while reads go on and the event loop turns', async () => {
    db = await openNotes(file, { lockWaitMsMax: 500 })
    await using neighbour = holder()
    await neighbour.reached('locked')
    const hurried = db.write(insert, ['ours hurried'], { deadlineMs: 100, label: 'notes.hurry' }).outcome()
    const patient = db.write(insert, ['ours patient'], { label: 'notes.add' }).outcome()
    await contended()
    let ended = false
    const both = Promise.all([hurried, patient]).finally(() => {
      ended = true
    })
    let [reads, turns] = [0, 0]
    const turn = (): void => {
      turns++
      if (!ended) setImmediate(turn)
    }
    turn()
    while (!ended) {
      expect(await db.readValue('select ?', [reads])).toBe(reads)
      reads++
    }
    const [byDeadline, byGivingUp] = await both
    expect(byDeadline).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'deadline-exceeded', retryable: true, label: 'notes.hurry' },
    })
    expect(byGivingUp).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'sqlite-busy', stage: 'begin', retryable: true, label: 'notes.add' },
    })
    expect(reads).toBeGreaterThan(10)
    expect(turns).toBeGreaterThan(10)
    expect(await bodiesOf(db, 'ours')).toEqual([])
    // Nothing waits any more, so the writer does not either.
    await until('the writer is idle', () => db.report().states.writer === 'running.idle')
    neighbour.pass('locked')
    await neighbour.reached('released')
    expect(await db.write(insert, ['ours again'])).toMatchObject({ changes: 1 })
    expect(await bodiesOf(db, 'theirs')).toEqual(['theirs 1'])
  })

  it('is seen as the writer’s state until it lets go; then what has waited is stored, and the state is left', async () => {
    db = await openNotes(file)
    await using neighbour = holder()
    await neighbour.reached('locked')
    const tickets = Array.from({ length: 20 }, (_, n) =>
      db.write(insert, [`ours ${n}`], { lane: n % 2 === 0 ? 'user' : 'sync' }),
    )
    await contended()
    const states = new Set<string>()
    for (let n = 0; n < 50; n++) {
      states.add(db.report().states.writer)
      await db.readValue('select 1')
    }
    expect([...states].filter((state) => !state.startsWith('running.contended.'))).toEqual([])
    neighbour.pass('locked')
    expect((await Promise.all(tickets)).map(({ changes }) => changes)).toEqual(tickets.map(() => 1))
    await until('the writer is idle', () => db.report().states.writer === 'running.idle')
  })

  it('is not shown as the writer’s state any more once a batch has had the lock, though writes keep coming', async () => {
    db = await openNotes(file)
    await using neighbour = holder()
    await neighbour.reached('locked')
    let stop = false
    const load = Array.from({ length: 8 }, async (_, caller) => {
      while (!stop) await db.write(insert, [`ours ${caller}`])
    })
    await contended()
    neighbour.pass('locked')
    await until('the writer shows that it writes', () => db.report().states.writer === 'running.writing')
    stop = true
    await Promise.all(load)
  })
})
