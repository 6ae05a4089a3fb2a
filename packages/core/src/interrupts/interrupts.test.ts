// Promises 9, 10 and 15 with real threads and the signals extension: what runs on after its deadline or abort is interrupted,
// whatever it is doing, and nobody else is.
import { seeded, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { notesMigrations } from '../../fixtures/open-notes.ts'
import { counting, endless } from '../../fixtures/runaway-procedures.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { describeWithSignals } from '../../fixtures/with-signals.ts'
import { openDatabase } from '../database/open.ts'
import type { Database, WriteOptions } from '../database/types.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Ticket } from '../mailbox/ticket.ts'
import { type ProceduresReference, procedures } from '../procedures/reference.ts'

type Modules = {
  notes: ProceduresReference<typeof import('../../fixtures/notes-procedures.ts')>
  runaway: ProceduresReference<typeof import('../../fixtures/runaway-procedures.ts')>
}

let folder: TemporaryFolder
let db: Database<Modules>

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({
    file: folder.file('a.db'),
    migrations: notesMigrations,
    readers: { interactive: 1 },
    procedures: {
      notes: procedures<typeof import('../../fixtures/notes-procedures.ts')>(
        new URL('../../fixtures/notes-procedures.ts', import.meta.url),
      ),
      runaway: procedures<typeof import('../../fixtures/runaway-procedures.ts')>(
        new URL('../../fixtures/runaway-procedures.ts', import.meta.url),
      ),
    },
  })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id) values (?)'
/** A change that never comes to its first row. */
const endlessInsert = `insert into notes (id) ${endless}`
const ids = (): Promise<number[]> => db.readColumn<number>('select id from notes order by id')
const errorOf = (promise: Promise<unknown>): Promise<LockkeeperError> =>
  promise.then(
    () => expect.fail('It was answered'),
    (error: LockkeeperError) => error,
  )

describeWithSignals('a read that runs without end', () => {
  const deadline = { deadlineMs: 30 }
  it.each<[string, () => Promise<unknown>]>([
    ['read', () => db.read(endless, [], deadline)],
    ['readFirst', () => db.readFirst(endless, [], deadline)],
    ['readValue', () => db.readValue(endless, [], deadline)],
    ['readColumn', () => db.readColumn(endless, [], deadline)],
    ['readArrays', () => db.readArrays(endless, [], deadline)],
    ['a procedure', () => db.call.runaway.readEndless(undefined, deadline)],
    ['a procedure of many statements', () => db.call.runaway.readOnAndOn(undefined, deadline)],
    ['a procedure that goes on after errors', () => db.call.runaway.readStubbornly(undefined, deadline)],
  ])('ends at its deadline, and its reader is free again: %s', async (_, read) => {
    expect(await errorOf(read())).toMatchObject({ code: 'deadline-exceeded', stage: 'read' })
    // The only reader there is.
    expect(await db.readValue('select 1')).toBe(1)
    expect(await db.call.notes.list()).toEqual([])
    expect(db.report().reads).toMatchObject({ answered: 2, failed: 1, waiting: 0 })
    expect(db.report().restarts.readers).toBe(0)
  })

  it('ends at its abort, as often as that happens', async () => {
    for (let n = 0; n < 30; n++) {
      const aborting = new AbortController()
      const reading = errorOf(db.readValue(endless, [], { signal: aborting.signal }))
      if (n % 3 > 0) await until('it runs', () => db.report().states.readers[0]?.endsWith('leased') ?? false)
      if (n % 3 > 1) await new Promise((resolve) => setImmediate(resolve))
      aborting.abort()
      expect(await reading).toMatchObject({ code: 'aborted' })
      expect(await db.readValue('select ?', [n])).toBe(n)
    }
    expect(db.report().reads).toMatchObject({ answered: 30, failed: 30 })
  })
})

describeWithSignals('a write that runs without end', () => {
  it('ends at its deadline, with nothing stored of it, and the next one runs', async () => {
    const outcome = await db.write(endlessInsert, [], { deadlineMs: 30, label: 'notes.count' }).outcome()
    expect(outcome).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'deadline-exceeded', stage: 'execute', label: 'notes.count' },
    })
    await db.write(insert, [1])
    expect(await ids()).toEqual([1])
    expect(db.report().restarts.writer).toBe(0)
    expect(db.report().overstays['notes.count']?.count).toBe(1)
  })

  it.each<[string, (options: WriteOptions) => Ticket<unknown>]>([
    ['a statement', (options) => db.write(endlessInsert, [], options)],
    ['one that returns rows', (options) => db.write(`${endlessInsert} returning id`, [], options)],
    ['an atomic list', (options) => db.writeAtomic([[insert, [50]], endlessInsert], options)],
    [
      'many rows',
      (options) => db.writeMany(`insert into notes (id) ${endless} where i > ?`, [[1], [2]], options),
    ],
    ['one with a key', (options) => db.write(endlessInsert, [], { ...options, idempotencyKey: 'once' })],
    ['a procedure that only reads on', (options) => db.call.runaway.writeAndReadEndless(51, options)],
    ['a procedure of many statements', (options) => db.call.runaway.writeOnAndOn(52, options)],
  ])('ends at its abort, and its neighbours lose nothing: %s', async (_, write) => {
    const aborting = new AbortController()
    const gate = threadGate()
    const first = db.call.notes.addWhenOpen({ id: 1, body: 'first', gate: gate.buffer })
    void first.outcome()
    await gate.reached
    const before = db.write(insert, [2])
    const ended = write({ signal: aborting.signal }).outcome()
    const after = db.write(insert, [3])
    gate.open()
    await first
    await until('they are under way', () => db.report().lanes.user.depth === 0)
    const reason = new Error('the page was closed')
    aborting.abort(reason)
    expect(await ended).toMatchObject({
      outcome: 'not-stored',
      // In between two slices it may just have been back in its lane.
      error: { code: 'aborted', stage: expect.stringMatching(/^(execute|admission)$/), cause: reason },
    })
    await Promise.all([before, after])
    expect(await ids()).toEqual([1, 2, 3])
    expect(db.report().restarts.writer).toBe(0)
  })
})

describeWithSignals('interrupts at any moment', () => {
  it('never hit a read that is wanted, and end each of the others once', async () => {
    let submitted = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ rows: fc.integer({ min: 1, max: 50_000 }), giveUp: fc.boolean() }), {
          maxLength: 12,
        }),
        fc.nat({ max: 12 }),
        async (reads, turns) => {
          const aborting = new AbortController()
          const { signal } = aborting
          const answers = reads.map(({ rows, giveUp }) =>
            db.readValue<number>(counting, [rows], giveUp ? { signal } : {}).catch((error) => error.code),
          )
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
          aborting.abort()
          for (const [n, answer] of (await Promise.all(answers)).entries()) {
            const { rows, giveUp } = reads[n] ?? expect.fail()
            expect(giveUp ? [rows, 'aborted'] : [rows]).toContain(answer)
          }
          submitted += reads.length
        },
      ),
      seeded('reads given up at any moment', 60),
    )
    const { answered, failed } = db.report().reads
    expect(answered + failed).toBe(submitted)
    expect(db.report().restarts.readers).toBe(0)
  })

  it('leave of the writes exactly those that are said to be stored', async () => {
    let id = 0
    const stored: number[] = []
    const slow = `insert into notes (id) select ? from (${counting}) where n > 0`
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ rows: fc.integer({ min: 1, max: 200_000 }), giveUp: fc.boolean() }), {
          maxLength: 8,
        }),
        fc.integer({ min: 0, max: 40 }),
        async (writes, deadlineMs) => {
          const ended = writes.map(async ({ rows, giveUp }) => {
            const own = ++id
            const { outcome, ...end } = await db
              .write(slow, [own, rows], giveUp ? { deadlineMs } : {})
              .outcome()
            if (outcome === 'committed') stored.push(own)
            else expect([giveUp, 'error' in end && end.error.code]).toEqual([true, 'deadline-exceeded'])
          })
          await Promise.all(ended)
          expect(await ids()).toEqual(stored.toSorted((a, b) => a - b))
        },
      ),
      seeded('writes given up at any moment', 40),
    )
    expect(db.report().restarts.writer).toBe(0)
  })
})
