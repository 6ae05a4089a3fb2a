// Promises 9 and 15 for streams: a consumer that walks away, a signal, a deadline and close() end them, and the reader comes back.
import { gate, simulatedClock, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { endless } from '../../fixtures/runaway-procedures.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { describeWithSignals } from '../../fixtures/with-signals.ts'
import { chunkRowsMax } from '../limits.ts'
import { StreamLease } from '../readers/stream-lease.ts'
import { Counters } from '../telemetry/counters.ts'
import type { StreamOptions } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase

const open = (file: string): Promise<NotesDatabase> =>
  openNotes(folder.file(file), {
    readers: { interactive: 2, background: 1 },
    connection: new URL('../../fixtures/stream-setup.ts', import.meta.url),
  })

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await open('a.db')
})

afterEach(async () => {
  await until('every reader is back', () =>
    db.report().states.readers.every((state) => state.endsWith('idle')),
  )
  expect(db.report().readers).toMatchObject({
    interactive: { readers: 2, lent: 0, waiting: 0 },
    background: { readers: 1, lent: 0, waiting: 0 },
    retired: { alive: 0, byLabel: {} },
  })
  expect(db.report().restarts.readers).toBe(0)
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const numbers = 'with recursive n (i) as (select 0 union all select i + 1 from n limit ?) select i from n'
const many = chunkRowsMax * 5 + 7

const stream = (options: StreamOptions = {}) => db.stream<{ i: number }>(numbers, [many], options)

describe('a consumer that walks away', () => {
  it('loses its reader after the longest pause; it is counted, and told if it comes back', async () => {
    const before = db.report().readers.streamsReclaimed
    const rows = stream({ idleMsMax: 20, label: 'notes.walk' })
    await rows.next()
    await until('it is reclaimed', () => db.report().readers.streamsReclaimed === before + 1)
    expect(await db.snapshot((s) => s.readValue('select 1'))).toBe(1)
    await expect(rows.next()).rejects.toMatchObject({
      code: 'stream-expired',
      stage: 'read',
      label: 'notes.walk',
      message: expect.stringContaining('idleMsMax'),
    })
    expect(await rows.next()).toEqual({ value: undefined, done: true })
  })

  it('is not one that takes its time for each row of a chunk', () => {
    const clock = simulatedClock()
    const counters = new Counters()
    const told: string[] = []
    let taken = 0
    const lease = new StreamLease({
      sql: 'select 1',
      parameters: undefined,
      label: undefined,
      deadlineMs: undefined,
      signal: undefined,
      taken: () => taken,
      idleMsMax: 100,
      clock,
      desk: { counters, forget: () => {}, watchOverdue: () => {} } as never,
    })
    const post = ({ type }: { type: string }): void => void told.push(type)
    lease.onLent({ nextWork: () => 1, cutOff: () => {}, post } as never)
    // It has come, while the consumer goes through the chunk before.
    lease.onMessage({ type: 'chunk', rows: undefined, done: false, error: undefined })
    for (let row = 0; row < 10; row++) {
      clock.advance(90)
      taken++
    }
    expect([counters.streams.reclaimed, told]).toEqual([0, ['stream']])
    clock.advance(200)
    expect([counters.streams.reclaimed, told]).toEqual([1, ['stream', 'stop']])
  })
})

describe('a stream that is given up', () => {
  it('by its signal: before, while it waits, and in the middle, where no further row comes', async () => {
    const reason = new Error('the page was closed')
    const aborted = { code: 'aborted', stage: 'read', cause: reason, label: 'notes.walk' }
    const given = stream({ signal: AbortSignal.abort(reason), label: 'notes.walk' })
    await expect(given.next()).rejects.toMatchObject(aborted)

    const holder = stream()
    await holder.next()
    const aborting = new AbortController()
    const waiting = stream({ signal: aborting.signal, label: 'notes.walk' }).next()
    await until('it waits', () => db.report().readers.interactive.waiting === 1)
    aborting.abort(reason)
    await expect(waiting).rejects.toMatchObject(aborted)
    await holder.return?.()

    const again = new AbortController()
    const rows = stream({ signal: again.signal, label: 'notes.walk' })
    await rows.next()
    again.abort(reason)
    await expect(rows.next()).rejects.toMatchObject(aborted)
    expect(await rows.next()).toEqual({ value: undefined, done: true })
  })

  it('by its deadline, which counts for the whole of it', async () => {
    const reading = async (): Promise<void> => {
      for await (const _ of db.stream(numbers, [1e9], { deadlineMs: 30, label: 'notes.walk' }));
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'deadline-exceeded',
      retryable: true,
      label: 'notes.walk',
    })
  })

  describeWithSignals('with signals', () => {
    it('while it looks for its first row', async () => {
      await until('interrupts are ready', () => db.report().signals.interrupts)
      await expect(db.stream(endless, [], { deadlineMs: 30 }).next()).rejects.toMatchObject({
        code: 'deadline-exceeded',
      })
      const rows = db.stream(endless)
      const first = rows.next()
      await until('it runs', () => db.report().readers.interactive.lent === 1)
      await rows.return?.()
      expect(await first).toEqual({ value: undefined, done: true })
    })
  })
})

it('close() ends a stream that is under way, typed, and one that waits', async () => {
  const other = await open('b.db')
  const rows = other.stream(numbers, [many], { label: 'notes.walk' })
  await rows.next()
  const waiting = other.stream(numbers, [many]).next()
  // On a slow machine it has got a reader of its own meanwhile, since the other stands still.
  const told = waiting.then(
    (row) => expect(row.done).toBe(false),
    (error: unknown) => expect(error).toMatchObject({ code: 'closed', stage: 'read' }),
  )
  const held = threadGate()
  const inside = gate()
  const scope = other.snapshot(
    async (s) => {
      inside.open()
      return s.call.notes.countTwice(held.buffer)
    },
    { class: 'background' },
  )
  const scopeTold = expect(scope).rejects.toMatchObject({ code: 'closed', stage: 'read' })
  await inside.opened
  await held.reached
  const closing = other.close()
  held.open()
  await told
  await scopeTold
  await expect(rows.next()).rejects.toMatchObject({ code: 'closed', stage: 'read', label: 'notes.walk' })
  await closing
  await expect(other.stream(numbers, [1]).next()).rejects.toMatchObject({ code: 'closed' })
  await expect(other.snapshot(() => 1)).rejects.toMatchObject({ code: 'closed' })
  expect(other.report().readers.retired.byLabel).toEqual({})
})
