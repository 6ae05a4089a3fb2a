// Promises 9 and 15 for snapshots: a signal, a deadline and the longest age end them, whatever they are at, and the reader comes
// back.
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, type NotesModules, openNotes } from '../../fixtures/open-notes.ts'
import { endless } from '../../fixtures/runaway-procedures.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { describeWithSignals } from '../../fixtures/with-signals.ts'
import type { Snapshot } from './types.ts'

let folder: TemporaryFolder
/** Two interactive readers, so that one scope has a reader at a time, and one for background work. */
let db: NotesDatabase
const started: Promise<unknown>[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { readers: { interactive: 2, background: 1 } })
})

afterEach(async () => {
  await Promise.allSettled(started.splice(0))
  await until('every reader is back', () =>
    db.report().states.readers.every((state) => state.endsWith('idle')),
  )
  expect(db.report().readers).toMatchObject({
    interactive: { readers: 2, lent: 0, waiting: 0 },
    background: { readers: 1, lent: 0, waiting: 0 },
    retired: { alive: 0, byLabel: {} },
  })
  await db.write('delete from notes')
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

/** A scope that stands still until told to end. */
async function openScope(options: Parameters<NotesDatabase['snapshot']>[1] = {}) {
  const end = gate()
  const begun = gate<Snapshot<NotesModules>>()
  const scope = db.snapshot(async (s) => {
    begun.open(s)
    await end.opened
    return s.readValue('select 1')
  }, options)
  scope.catch(() => {})
  started.push(scope)
  return { s: await begun.opened, end: () => end.open(), scope }
}

describe('a signal', () => {
  const reason = new Error('the page was closed')
  const aborted = { code: 'aborted', stage: 'read', cause: reason, label: 'notes.look' }

  it('given before keeps the function from being called', async () => {
    let called = false
    const scope = db.snapshot(
      () => {
        called = true
      },
      { signal: AbortSignal.abort(reason), label: 'notes.look' },
    )
    await expect(scope).rejects.toMatchObject(aborted)
    expect(called).toBe(false)
  })

  it('ends the wait for a reader', async () => {
    const open = await openScope()
    const aborting = new AbortController()
    const waiting = db.snapshot(() => 'called', { signal: aborting.signal, label: 'notes.look' })
    await until('it waits', () => db.report().readers.interactive.waiting === 1)
    aborting.abort(reason)
    await expect(waiting).rejects.toMatchObject(aborted)
    open.end()
    expect(await open.scope).toBe(1)
  })

  it('ends the read that runs, and those behind it', async () => {
    const aborting = new AbortController()
    const held = threadGate()
    const scope = db.snapshot(
      async (s) => Promise.allSettled([s.call.notes.countTwice(held.buffer), s.read('select 1')]),
      { signal: aborting.signal, label: 'notes.look' },
    )
    await held.reached
    aborting.abort(reason)
    for (const result of await scope)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'aborted', cause: reason } })
    held.open()
  })

  it('given between two reads fails the next one, and so the scope', async () => {
    const aborting = new AbortController()
    const scope = db.snapshot(
      async (s) => {
        await s.read('select 1')
        aborting.abort(reason)
        return s.read('select 2')
      },
      { signal: aborting.signal, label: 'notes.look' },
    )
    await expect(scope).rejects.toMatchObject({ code: 'aborted', cause: reason })
  })

  it('of one read ends that read alone', async () => {
    const aborting = new AbortController()
    const held = threadGate()
    const scope = db.snapshot(async (s) => {
      const given = s.call.notes.countTwice(held.buffer, { signal: aborting.signal })
      const behind = s.read('select 1', [], { signal: aborting.signal })
      const last = s.readValue('select 2')
      await held.reached
      aborting.abort(reason)
      await expect(given).rejects.toMatchObject({ code: 'aborted', label: 'notes.countTwice' })
      await expect(behind).rejects.toMatchObject({ code: 'aborted' })
      held.open()
      return last
    })
    expect(await scope).toBe(2)
  })
})

describe('a deadline', () => {
  const exceeded = { code: 'deadline-exceeded', stage: 'read', retryable: true, outcome: undefined }

  it('counts while it waits for a reader, and while it waits for the write that it wants to see', async () => {
    const open = await openScope()
    await expect(db.snapshot(() => 1, { deadlineMs: 10 })).rejects.toMatchObject(exceeded)
    open.end()
    const held = threadGate()
    const ticket = db.call.notes.addWhenOpen({ id: 1, body: 'a', gate: held.buffer })
    await expect(db.snapshot(() => 1, { deadlineMs: 10, after: ticket })).rejects.toMatchObject(exceeded)
    held.open()
    await ticket
  })

  it('counts for the whole scope: past it its reads fail', async () => {
    const scope = db.snapshot(
      async (s) => {
        for (;;) await s.read('select 1')
      },
      { deadlineMs: 30, label: 'notes.look' },
    )
    await expect(scope).rejects.toMatchObject(exceeded)
  })
})

describe('past its longest age', () => {
  const expired = { code: 'snapshot-expired', stage: 'read', label: 'notes.look' }

  it('a snapshot that stands still gives its reader back; what it is asked later fails', async () => {
    const open = await openScope({ ageMsMax: 20, label: 'notes.look' })
    await until('its reader is back', () => db.report().readers.interactive.lent === 0)
    await expect(open.s.read('select 1')).rejects.toMatchObject(expired)
    expect(await db.snapshot((s) => s.readValue('select 2'))).toBe(2)
    open.end()
    await expect(open.scope).rejects.toMatchObject(expired)
  })

  describeWithSignals('with signals', () => {
    it('the read that runs is interrupted, and the reader is as good as before', async () => {
      await until('interrupts are ready', () => db.report().signals.interrupts)
      const scope = db.snapshot(
        async (s) => {
          const results = await Promise.allSettled([s.read(endless), s.read('select 1')])
          return [...results, ...(await Promise.allSettled([s.read('select 1')]))]
        },
        { ageMsMax: 50, label: 'notes.look' },
      )
      for (const result of await scope)
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'snapshot-expired' } })
      expect(await db.snapshot((s) => s.readValue('select 2'))).toBe(2)
      expect(db.report().restarts.readers).toBe(0)
    })
  })
})
