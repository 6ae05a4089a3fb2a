// Promise 9: a connection that does not come back clean is never lent again. It is replaced, counted, and charged to its label.
import { faultPolicy, sqliteFault, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { faultyConnection, type TransactionStep } from '../../fixtures/faulty-connection.ts'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { WorkGate } from '../interrupts/work-gate.ts'
import type { RetiredReader } from '../readers/desk.ts'
import { encodeReads } from '../readers/reads-message.ts'
import { type FromReader, ThreadReader } from '../readers/thread-reader.ts'

let folder: TemporaryFolder
let db: NotesDatabase
let retired: RetiredReader[]

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), {
    readers: { interactive: 1, background: 1 },
    connection: new URL('../../fixtures/failing-rollback-setup.ts', import.meta.url),
  })
  retired = []
  db.on('reader-retired', (reader) => retired.push(reader))
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const count = 'select count(*) from notes'
const failRollbacks = 'select fail_rollbacks(?)'

/** The only reader is another one by now, and sees what was written last. */
async function expectFresh(): Promise<void> {
  await db.write('insert into notes (id) values (1)')
  expect(await db.readValue(count)).toBe(1)
  await until('it serves', () => db.report().states.readers.every((state) => state.endsWith('idle')))
  expect(db.report()).toMatchObject({
    restarts: { readers: 1 },
    readers: { interactive: { readers: 1, lent: 0, waiting: 0 } },
  })
}

describe('a ROLLBACK that fails', () => {
  it('after a procedure: the answer is right, and the connection is replaced, charged to the label', async () => {
    await db.readValue(failRollbacks, [1])
    expect(await db.call.notes.list(undefined, { label: 'notes.list' })).toEqual([])
    await expectFresh()
    expect(retired).toEqual([{ reader: 'reader-1', label: 'notes.list', reason: 'lost' }])
    expect(db.report().readers.retired.byLabel).toEqual({ 'notes.list': { lost: 1 } })
  })

  it('takes no neighbour of the same message along: each is answered once, with its own answer', async () => {
    await db.readValue(failRollbacks, [1])
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => db.readValue('select ?', [n])),
      db.call.notes.list(undefined),
      ...Array.from({ length: 20 }, (_, n) => db.readValue('select ?', [n + 20])),
      db.call.notes.list(undefined),
    ])
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    expect(answers).toEqual([...numbers.slice(0, 20), [], ...numbers.slice(20), []])
    await expectFresh()
    expect(retired).toMatchObject([{ label: 'notes.list', reason: 'lost' }])
  })

  it('after a procedure that threw: its error is its own', async () => {
    await db.readValue(failRollbacks, [1])
    await expect(db.call.notes.readLater(undefined)).rejects.toMatchObject({ code: 'procedure-async' })
    await expectFresh()
    expect(retired).toMatchObject([{ label: 'notes.readLater', reason: 'lost' }])
  })

  it('at the end of a snapshot: its result is right, and the connection is replaced', async () => {
    await db.readValue(failRollbacks, [1])
    expect(await db.snapshot((s) => s.readValue(count), { label: 'notes.look' })).toBe(0)
    await expectFresh()
    expect(retired).toMatchObject([{ label: 'notes.look', reason: 'lost' }])
  })

  it('after savepoints that were left open, likewise', async () => {
    await db.readValue(failRollbacks, [1])
    await db.snapshot((s) => s.read('savepoint a'), { label: 'notes.look' })
    await expectFresh()
    expect(retired).toHaveLength(1)
  })
})

describe('a thread that dies', () => {
  it('while it is lent to a snapshot: its reads fail, the next one finds another reader', async () => {
    const scope = db.snapshot(
      async (s) => {
        const results = await Promise.allSettled([s.call.notes.dieReading(undefined), s.read('select 1')])
        return [...results, ...(await Promise.allSettled([s.read('select 1')]))]
      },
      { label: 'notes.look' },
    )
    for (const result of await scope)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'thread-lost', stage: 'read' } })
    await expectFresh()
    expect(retired).toEqual([{ reader: 'reader-1', label: 'notes.look', reason: 'lost' }])
  })

  it('under a plain read runs it once more elsewhere, and is no leak', async () => {
    const flag = new SharedArrayBuffer(4)
    expect(await db.call.notes.dieReadingOnce(flag)).toBe(0)
    await expectFresh()
    expect(retired).toEqual([])
  })
})

describe('inside the thread', () => {
  let connection: Connection
  const told: FromReader[] = []
  const faults = faultPolicy<TransactionStep>()
  let reader: ThreadReader

  beforeEach(() => {
    told.length = 0
    connection = faultyConnection(betterSqlite3.openReader(folder.file('a.db')), faults)
    const procedures = new Map([['list', { kind: 'read', body: () => 'listed' }]]) as never
    reader = new ThreadReader({ connection, procedures, gate: new WorkGate() }, (message) =>
      told.push(message),
    )
  })

  afterEach(() => {
    faults.heal()
    connection.close()
  })

  const query = { kind: 'query', sql: 'select 1', parameters: undefined, shape: 'arrays' } as const

  it('what follows a read that left its transaction open is not begun there', () => {
    faults.failNext('rollback', 1, () => sqliteFault('SQLITE_IOERR'))
    const work = [{ kind: 'procedure', name: 'list', input: undefined } as const, query]
    expect(() => reader.take(encodeReads(1, work))).toThrow('left its transaction open')
    expect(told).toMatchObject([
      { type: 'answers', answered: 1, leaked: true, others: [[0, { output: 'listed' }]] },
    ])
  })

  it('reads of a snapshot whose transaction SQLite has ended are refused: they would see another state', () => {
    reader.take({ type: 'begin' })
    connection.prepareOwn('rollback').run(undefined)
    reader.take(encodeReads(1, [query]))
    expect(told).toMatchObject([
      { type: 'begun', error: undefined },
      { answered: 1, others: [[0, { kind: 'error', error: { code: 'transaction-ended' } }]] },
    ])
    reader.take({ type: 'end' })
    expect(told.at(-1)).toEqual({ type: 'ended' })
  })
})
