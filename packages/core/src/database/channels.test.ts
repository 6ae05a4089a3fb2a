// Issue 8, events for tracers: what is published on the channels of node:diagnostics_channel, by a real database.
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import type { LockkeeperChannels } from '../telemetry/channels/messages.ts'

let folder: TemporaryFolder
let db: NotesDatabase | undefined
let leave: (() => void)[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(async () => {
  for (const end of leave) end()
  leave = []
  await db?.close()
  db = undefined
  await folder[Symbol.asyncDispose]()
})

async function open(options: Parameters<typeof openNotes>[1] = {}): Promise<NotesDatabase> {
  db = await openNotes(folder.file('a.db'), options)
  return db
}

/** What comes on a channel, as it was when it came. */
function heard<Name extends keyof LockkeeperChannels>(
  name: Name,
  onMessage: (message: LockkeeperChannels[Name]) => void = () => {},
): LockkeeperChannels[Name][] {
  const messages: LockkeeperChannels[Name][] = []
  const listener = (message: unknown): void => {
    messages.push({ ...(message as LockkeeperChannels[Name]) })
    onMessage(message as LockkeeperChannels[Name])
  }
  subscribe(name, listener)
  leave.push(() => unsubscribe(name, listener))
  return messages
}

describe('the channels', () => {
  it('tell of a write inside its call, and with the same object of its end: waits, hold, rows, batch', async () => {
    const of = await open()
    const request = new AsyncLocalStorage<string>()
    const spans = new Map<object, string | undefined>()
    const starts = heard('lockkeeper:write:start', (message) => spans.set(message, request.getStore()))
    const ended: (string | undefined)[] = []
    const ends = heard('lockkeeper:write', (message) => ended.push(spans.get(message)))
    const batches = heard('lockkeeper:batch')
    const gate = threadGate()
    const holder = of.call.notes.addWhenOpen(
      { id: 1, body: 'a', gate: gate.buffer },
      { label: 'blobs.putMany', lane: 'sync' },
    )
    await gate.reached
    const sql = 'insert into notes (id) values (2)'
    const victim = request.run('request-7', () => of.write(sql, undefined, { label: 'peers.connect' }))
    expect(starts.at(-1)).toMatchObject({ label: 'peers.connect', sql, retries: 0, outcome: undefined })
    gate.open()
    await Promise.all([holder, victim])
    expect(ended).toEqual([undefined, 'request-7'])
    const [first, second] = ends
    if (first === undefined || second === undefined) throw new Error('Two writes have ended')
    expect(first).toMatchObject({ label: 'blobs.putMany', lane: 'sync', kind: 'procedure', rows: undefined })
    expect(second).toMatchObject({
      ...{ database: of.file, label: 'peers.connect', lane: 'user', kind: 'statement', sql },
      ...{ outcome: 'committed', errorCode: undefined, rows: 1, retries: 0, beginWaitMs: expect.any(Number) },
    })
    // What it waited, it waited while the other one had the lock.
    expect(second.queueWaitMs).toBeGreaterThan(0)
    expect(first.holdMs).toBeGreaterThan(0)
    expect(second.endedAtMs).toBeGreaterThan(second.startedAtMs + (second.queueWaitMs ?? 0))
    expect(batches.map(({ lane, writes, answered, outcome }) => [lane, writes, answered, outcome])).toEqual([
      ['sync', 1, 1, 'answered'],
      ['user', 1, 1, 'answered'],
    ])
    expect(batches.map(({ batch }) => batch)).toEqual([first.batch, second.batch])
    expect(batches[1]?.holdMs).toBeCloseTo(second.holdMs ?? 0, 6)
  })

  it('tell of failed and refused writes by their codes', async () => {
    const of = await open({ lanes: { background: { capacity: 1, overflow: 'reject' } } })
    const ends = heard('lockkeeper:write')
    const writes = [
      of.write('insert into notes (id) values (1)'),
      of.write('insert into notes (id) values (1)', [], { label: 'twice' }),
      of.write('insert into notes (id) values (2)', [], { lane: 'background' }),
      of.write('insert into notes (id) values (3)', [], { lane: 'background', label: 'refused' }),
    ]
    await Promise.all(writes.map((write) => write.outcome()))
    const said = ends.map(({ label, outcome, errorCode }) => [label, outcome, errorCode])
    expect(said).toHaveLength(4)
    expect(said).toContainEqual(['twice', 'not-stored', 'sqlite-constraint-primarykey'])
    expect(said).toContainEqual(['refused', 'not-stored', 'lane-full'])
    expect(ends.find(({ label }) => label === 'refused')).toMatchObject({
      holdMs: undefined,
      batch: undefined,
    })
    expect(ends.find(({ label }) => label === 'twice')).toMatchObject({ rows: undefined })
  })

  it('tell of reads, and of snapshots for as long as they have their reader', async () => {
    const of = await open()
    await of.writeAtomic([
      ['insert into notes (id) values (?)', [1]],
      ['insert into notes (id) values (?)', [2]],
    ])
    const starts = heard('lockkeeper:read:start')
    const ends = heard('lockkeeper:read')
    const leases = heard('lockkeeper:lease')
    await of.read('select id from notes', undefined, { label: 'list' })
    await of.read('select nothing', undefined, { label: 'bad' }).catch(() => {})
    await of.snapshot((snapshot) => snapshot.readValue('select count(*) from notes'), { label: 'scope' })
    await until('the reader is back', () => leases.length > 0)
    expect(starts.map(({ label }) => label)).toEqual(['list', 'bad', 'unlabelled'])
    expect(ends[0]).toMatchObject({
      ...{ label: 'list', class: 'interactive', kind: 'query', sql: 'select id from notes', rows: 2 },
      ...{ outcome: 'answered', waitMs: expect.any(Number), runMs: expect.any(Number) },
    })
    expect(ends[1]).toMatchObject({ label: 'bad', outcome: 'failed', errorCode: 'sqlite-error' })
    expect(leases).toMatchObject([{ label: 'scope', heldMs: expect.any(Number) }])
    expect(leases[0]?.heldMs).toBeGreaterThan(ends[2]?.runMs ?? Number.POSITIVE_INFINITY)
  })

  it('tell of checkpoints', async () => {
    const of = await open()
    const checkpoints = heard('lockkeeper:checkpoint')
    await of.write('insert into notes (id) values (1)')
    await until('the idle log is copied', () => checkpoints.length > 0)
    expect(checkpoints[0]).toMatchObject({ database: of.file, errorCode: undefined })
    expect(checkpoints[0]?.endedAtMs).toBeGreaterThanOrEqual(checkpoints[0]?.startedAtMs ?? Infinity)
  })

  it('let a subscriber write from inside, and are silent where the app turns telemetry off', async () => {
    const of = await open()
    let more = 3
    const ends = heard('lockkeeper:write', () => {
      if (more-- > 0) void of.write('insert into notes (body) values (?)', [`more ${more}`])
    })
    await of.write('insert into notes (id) values (1)')
    await until('all are stored', () => ends.length === 4)
    expect(ends.map(({ outcome }) => outcome)).toEqual(Array(4).fill('committed'))
    await of.close()
    ends.length = 0
    const silent = await open({ telemetry: false })
    await silent.write('insert into notes (id) values (100)')
    expect(ends).toEqual([])
  })
})
