// Promise 15 without the signals extension: work that can't be interrupted costs its reader, not its caller. Another reader takes
// its place, and it leaves when it surfaces.
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { counting } from '../../fixtures/runaway-procedures.ts'
import { type ThreadGate, threadGate } from '../../fixtures/thread-gate.ts'
import { overdueMs, readersRetiredMax } from '../limits.ts'
import type { RetiredReader } from '../readers/desk.ts'

let folder: TemporaryFolder
let db: NotesDatabase
let retired: RetiredReader[]
const gates: ThreadGate[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { signals: false, readers: { interactive: 1, background: 1 } })
  retired = []
  db.on('reader-retired', (reader) => retired.push(reader))
})

afterEach(async () => {
  for (const gate of gates.splice(0)) gate.open()
  await db.close()
  await folder[Symbol.asyncDispose]()
})

function newGate(): ThreadGate {
  const gate = threadGate()
  gates.push(gate)
  return gate
}

const allGone = () => until('the retired ones have left', () => db.report().readers.retired.alive === 0)

/*
 * reader-1                    reader-3                 caller
 * --------                    --------                 ------
 * waits at a gate, deaf
 *                                                      gives the read up: is told
 *                                                      asks another read
 *                             starts, answers it
 *                                                      opens the gate
 * surfaces, and leaves
 */
describe('a read that was given up and does not end', () => {
  it('at its deadline: its reader is replaced, reported by its label, and leaves when it surfaces', async () => {
    const held = newGate()
    const reading = db.call.notes.countTwice(held.buffer, { deadlineMs: 500, label: 'notes.stuck' })
    await expect(reading).rejects.toMatchObject({ code: 'deadline-exceeded', label: 'notes.stuck' })
    await held.reached
    expect(await db.readValue('select 1')).toBe(1)
    expect(retired).toEqual([
      { reader: expect.stringMatching(/^reader-/), label: 'notes.stuck', reason: 'overdue' },
    ])
    expect(db.report()).toMatchObject({
      readers: {
        interactive: { readers: 1 },
        retired: { alive: 1, byLabel: { 'notes.stuck': { overdue: 1 } } },
      },
      restarts: { readers: 0 },
    })
    held.open()
    await allGone()
    expect(await db.readValue('select 2')).toBe(2)
  })

  it('and ends within its time keeps its reader', async () => {
    const held = newGate()
    const aborting = new AbortController()
    const reading = db.call.notes.countTwice(held.buffer, { signal: aborting.signal })
    await held.reached
    aborting.abort()
    await expect(reading).rejects.toMatchObject({ code: 'aborted' })
    held.open()
    expect(await db.readValue('select 1')).toBe(1)
    expect(retired).toEqual([])
  })

  it('but does return rows ends between two of them', async () => {
    const rows = db.stream(
      'with recursive n (i) as (select 0 union all select i + 1 from n) select i from n',
      [],
      {
        deadlineMs: overdueMs,
      },
    )
    await expect(
      (async () => {
        for await (const _ of rows);
      })(),
    ).rejects.toMatchObject({ code: 'deadline-exceeded' })
    expect(await db.readValue('select 1')).toBe(1)
    expect(retired).toEqual([])
  })

  it('in one long statement: capacity is back before it is through', async () => {
    // Some seconds; its answer is nobody’s.
    const slow = db.readValue(counting, [40_000_000], { deadlineMs: 300, label: 'notes.scan' })
    await expect(slow).rejects.toMatchObject({ code: 'deadline-exceeded' })
    expect(await db.readValue('select 1')).toBe(1)
    await until('it is told', () => retired.length === 1)
    expect(retired).toMatchObject([{ label: 'notes.scan', reason: 'overdue' }])
    expect(db.report().readers.retired.alive).toBe(1)
    await allGone()
  })
})

describe('a snapshot past its longest age', () => {
  it('with a read that does not end: the read and later ones fail, and another reader is there', async () => {
    const held = newGate()
    const later = gate<unknown>()
    const scope = db.snapshot(
      async (s) => {
        await s.call.notes.countTwice(held.buffer).catch(() => {})
        later.open(await s.read('select 1').catch((error: unknown) => error))
        return s.readValue('select 1')
      },
      { ageMsMax: 20, label: 'notes.look' },
    )
    await expect(scope).rejects.toMatchObject({ code: 'snapshot-expired', label: 'notes.look' })
    expect(await later.opened).toMatchObject({ code: 'snapshot-expired' })
    expect(await db.snapshot((s) => s.readValue('select 2'))).toBe(2)
    await until('it is told', () => retired.length === 1)
    expect(retired).toMatchObject([{ label: 'notes.look', reason: 'overdue' }])
    held.open()
    await allGone()
  })
})

describe('many stuck readers', () => {
  it('are replaced up to a bound; past it the next waits until one of them has ended', async () => {
    const stuck: ThreadGate[] = []
    for (let n = 0; n <= readersRetiredMax; n++) {
      const held = newGate()
      stuck.push(held)
      const aborting = new AbortController()
      const reading = db.call.notes.countTwice(held.buffer, { signal: aborting.signal })
      await held.reached
      aborting.abort()
      await expect(reading).rejects.toMatchObject({ code: 'aborted' })
    }
    const waiting = db.readValue('select 1')
    await until('as many as may be were replaced', () => retired.length === readersRetiredMax)
    expect(db.report().readers).toMatchObject({
      interactive: { waiting: 1 },
      retired: { alive: readersRetiredMax },
    })
    stuck[0]?.open()
    expect(await waiting).toBe(1)
    for (const held of stuck) held.open()
    await allGone()
  })
})

it('closing does not wait for one that is stuck', async () => {
  const held = newGate()
  const aborting = new AbortController()
  const reading = db.call.notes.countTwice(held.buffer, { signal: aborting.signal })
  await held.reached
  aborting.abort()
  await expect(reading).rejects.toMatchObject({ code: 'aborted' })
  await until('it is replaced', () => retired.length === 1)
  expect(await db.close({ deadlineMs: 100 })).toEqual({ notWritten: { user: 0, sync: 0, background: 0 } })
})
