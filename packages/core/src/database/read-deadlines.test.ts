// Promise 15 without the signals extension, with real readers: a read's caller is told at its deadline or abort; the statement
// that runs is not interrupted, so that its reader is busy until it ends. interrupts/interrupts.test.ts has it with.
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import type { ReadOptions } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { readers: { interactive: 1 }, signals: false })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const reads: readonly [string, (options: ReadOptions) => Promise<unknown>][] = [
  ['read', (options) => db.read('select 1', [], options)],
  ['read of a compiled query', (options) => db.read({ sql: 'select 1', parameters: [] }, options)],
  ['readFirst', (options) => db.readFirst('select 1', [], options)],
  ['readValue', (options) => db.readValue('select 1', [], options)],
  ['readColumn', (options) => db.readColumn('select 1', [], options)],
  ['readArrays', (options) => db.readArrays('select 1', [], options)],
  ['a procedure', (options) => db.call.notes.list(undefined, options)],
]

/** Keeps the only reader busy until the gate opens. */
async function busyReader(options: ReadOptions = {}) {
  const gate = threadGate()
  const reading = db.call.notes.countTwice(gate.buffer, options)
  reading.catch(() => {})
  await gate.reached
  return { gate, reading }
}

describe.each(reads)('%s', (_, read) => {
  it('fails at once with a signal that has been given already', async () => {
    const reason = new Error('the page was closed')
    await expect(read({ signal: AbortSignal.abort(reason), label: 'notes.look' })).rejects.toMatchObject({
      code: 'aborted',
      stage: 'read',
      outcome: undefined,
      label: 'notes.look',
      cause: reason,
    })
    expect(db.report().reads).toMatchObject({ answered: 0, failed: 1 })
  })

  it('that waits for a reader ends at its deadline', async () => {
    const { gate, reading } = await busyReader()
    await expect(read({ deadlineMs: 5 })).rejects.toMatchObject({
      code: 'deadline-exceeded',
      stage: 'read',
      outcome: undefined,
      retryable: true,
    })
    expect(db.report().reads).toMatchObject({ failed: 1, waiting: 0 })
    gate.open()
    await reading
  })

  it('that is in time is answered', async () => {
    const { signal } = new AbortController()
    await read({ deadlineMs: 60_000, signal })
    expect(db.report().reads).toMatchObject({ answered: 1, failed: 0 })
  })
})

/*
 * reader                          caller
 * ------                          ------
 * its procedure waits at a gate
 *                                 abort: is told
 *                                 asks another read, which waits
 *                                 opens the gate
 * next statement: refused
 * the other read                  is answered
 */
describe('a read that runs', () => {
  it('is over for its caller at its abort, and at its next statement for its reader', async () => {
    const aborting = new AbortController()
    const { gate, reading } = await busyReader({ signal: aborting.signal })
    aborting.abort()
    await expect(reading).rejects.toMatchObject({ code: 'aborted', label: 'notes.countTwice' })
    const next = db.readValue('select 1')
    expect(db.report().reads).toEqual({ answered: 0, failed: 1, waiting: 1 })
    gate.open()
    expect(await next).toBe(1)
    expect(db.report().reads).toEqual({ answered: 1, failed: 1, waiting: 0 })
    expect(db.report().restarts.readers).toBe(0)
  })

  it('and has been given up does not keep the database from closing', async () => {
    const { gate, reading } = await busyReader({ deadlineMs: 300 })
    await expect(reading).rejects.toMatchObject({ code: 'deadline-exceeded' })
    gate.open()
    await until('its reader is free', () => db.report().states.readers[0]?.endsWith('idle') ?? false)
    expect(await db.close()).toEqual({ notWritten: { user: 0, sync: 0, background: 0 } })
  })
})
