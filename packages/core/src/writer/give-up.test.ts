// Design, “Other processes”: the wait for a lock that somebody else holds has an end. The neighbour is a second connection of
// this process here, so that the clock can be a simulated one; test/concurrency has neighbours in processes of their own.
import {
  type SimulatedClock,
  simulatedClock,
  type TemporaryFolder,
  temporaryFolder,
  until,
} from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Actor, createActor, waitFor } from 'xstate'
import { notesMigrations } from '../../fixtures/open-notes.ts'
import { beginGiveUpMs } from '../limits.ts'
import { Counters } from '../telemetry/counters.ts'
import { assembleWriter, createMailbox, type WriterParts } from './assemble.ts'
import { writerMachine } from './machine.ts'

let folder: TemporaryFolder
let clock: SimulatedClock
let counters: Counters
let parts: WriterParts
let writer: Actor<typeof writerMachine>
let neighbour: Database.Database

beforeEach(async () => {
  folder = await temporaryFolder()
  clock = simulatedClock()
  counters = new Counters()
  const file = folder.file('a.db')
  const mailbox = createMailbox({}, clock)
  parts = assembleWriter({ file, mailbox, migrations: notesMigrations }, { clock, counters })
  writer = createActor(writerMachine, { input: { writer: parts } })
  writer.start()
  await waitFor(writer, (snapshot) => snapshot.matches({ work: { running: 'idle' } }))
  neighbour = new Database(file)
  neighbour.exec('begin immediate')
})

afterEach(async () => {
  neighbour.close()
  writer.send({ type: 'close', deadlineMs: 1_000 })
  await waitFor(writer, (snapshot) => snapshot.matches({ work: 'closed' }))
  writer.stop()
  await folder[Symbol.asyncDispose]()
})

const insert = (id: number, options: object = {}) =>
  parts.admission.statement('insert into notes (id) values (?)', [id], { label: 'notes.add', ...options })

/** Until the writer has asked for the lock in vain once more, and once more after that. */
async function askedAgain(): Promise<void> {
  const before = counters.busy['sqlite-busy'] ?? 0
  await until('the lock was asked for again', () => (counters.busy['sqlite-busy'] ?? 0) > before + 20)
}

describe('a write that waits for another’s lock', () => {
  it('is given up in the end, as one that can be tried again; one that came later goes on waiting', async () => {
    const early = insert(1)
    await askedAgain()
    clock.advance(beginGiveUpMs / 2)
    const late = insert(2)
    await askedAgain()
    clock.advance(beginGiveUpMs / 2)
    expect(await early.outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'sqlite-busy', stage: 'begin', retryable: true, label: 'notes.add' },
    })
    expect(parts.desk.hasWork || parts.desk.isBusy).toBe(true)
    neighbour.exec('rollback')
    expect(await late).toMatchObject({ changes: 1 })
    expect(await insert(1)).toMatchObject({ changes: 1 })
  })

  it('ends at its own deadline, if that is earlier, and at its abort', async () => {
    const aborting = new AbortController()
    const tickets = [insert(1, { deadlineMs: 50 }), insert(2, { signal: aborting.signal }), insert(3)]
    await askedAgain()
    clock.advance(51)
    aborting.abort()
    const [overdue, aborted] = await Promise.all(tickets.slice(0, 2).map((ticket) => ticket.outcome()))
    expect(overdue).toMatchObject({ outcome: 'not-stored', error: { code: 'deadline-exceeded' } })
    expect(aborted).toMatchObject({ outcome: 'not-stored', error: { code: 'aborted' } })
    neighbour.exec('commit')
    expect(await tickets[2]).toMatchObject({ changes: 1 })
    expect(neighbour.prepare('select id from notes').pluck().all()).toEqual([3])
  })

  it('goes first once the lock is free, though a less urgent one has waited longer', async () => {
    const insertBody = (body: string, lane: 'user' | 'sync') =>
      parts.admission.statement('insert into notes (body) values (?)', [body], { lane })
    const bulk = insertBody('bulk', 'sync')
    await askedAgain()
    const urgent = insertBody('urgent', 'user')
    await askedAgain()
    neighbour.exec('commit')
    await Promise.all([bulk, urgent])
    expect(neighbour.prepare('select body from notes order by id').pluck().all()).toEqual(['urgent', 'bulk'])
  })
})
