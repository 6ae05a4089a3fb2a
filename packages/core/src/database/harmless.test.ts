// What the app hands in must not stop what it is handed to: observers, listeners, drains, guests, values.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { childProcess, gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromPromise } from 'xstate'
import { idsOf, type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
  vi.restoreAllMocks()
})

const insert = 'insert into notes (id) values (?)'
const fail = (): never => {
  throw new Error('not mine')
}

describe('that throws', () => {
  it('an observer is warned of, and everything goes on', async () => {
    await db.close()
    db = await openNotes(folder.file('a.db'), { inspect: fail })
    await db.write(insert, [1])
    expect(await idsOf(db)).toEqual([1])
  })

  it('a listener is warned of, and the others are told', async () => {
    const told = gate()
    db.on('write-failed', fail)
    db.on('write-failed', () => told.open())
    db.write('insert into nowhere values (1)')
    await told.opened
    await db.write(insert, [1])
  })

  it('a drain does not keep the database from closing', async () => {
    db.beforeClose(fail)
    await db.write(insert, [1])
    expect(await db.close()).toEqual({ notWritten: { user: 0, sync: 0, background: 0 } })
  })

  it('a guest actor ends alone, and is told of', async () => {
    const failed = gate<{ systemId: string }>()
    db.on('actor-failed', failed.open)
    db.spawn(
      fromPromise(async () => fail()),
      { systemId: 'guest', input: undefined },
    )
    expect(await failed.opened).toMatchObject({ systemId: 'guest' })
    await db.write(insert, [1])
    expect(db.report().states.database).toBe('ready')
  })

  it.each<[string, unknown[]]>([
    ['a getter', [Object.defineProperty({}, 'x', { get: fail, enumerable: true })]],
    ['bytes that are gone', [structuredClone(new Uint8Array(3), { transfer: [] })]],
  ])('%s among the parameters is a ticket that fails, or a value', async (_, parameters) => {
    const ticket = db.write('insert into notes (id, body) values (1, hex(?))', parameters as never)
    expect((await ticket.outcome()).outcome).toMatch(/committed|not-stored/)
  })
})

describe('values', () => {
  it('handed over twice in one call are one value in two places', async () => {
    const bytes = new Uint8Array([1, 2])
    const sql = 'insert into notes (id, body) values (1, hex(?) || hex(?))'
    await db.write(sql, [bytes, bytes], { transfer: true })
    expect(await db.readValue('select body from notes')).toBe('01020102')
  })

  it('the calls of a module can be awaited and printed without calling anything', async () => {
    expect(await (db.call.notes as unknown as Promise<unknown>)).toBe(db.call.notes)
    JSON.stringify(db.call.notes)
    expect(db.report().writeFailuresUnheard).toBe(0)
  })
})

describe('the file', () => {
  it('moved away while it is open is not replaced by a new one when the thread is: writing is suspended, and says why', async () => {
    await db.write(insert, [1])
    mkdirSync(folder.file('elsewhere'))
    renameSync(folder.file('a.db'), folder.file('elsewhere/a.db'))
    const degraded = gate<Error>()
    db.on('degraded', degraded.open)
    void db.call.notes.dieLater({ id: 2, body: 'b' }).outcome()
    expect(await degraded.opened).toMatchObject({ code: 'file-replaced' })
    expect(await db.write(insert, [3]).outcome()).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'file-replaced' },
    })
    expect(existsSync(folder.file('a.db'))).toBe(false)
  })
})

describe('a bulk write', () => {
  it('keeps its place in its lane while its rows are on their way, and others may ask to come after it', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [n + 10])
    const many = db.writeMany(insert, rows, { lane: 'sync' })
    const count = 'insert into notes (id, weight) select 1, count(*) from notes'
    await db.write(count, [], { lane: 'sync', after: many })
    expect(await db.readValue('select weight from notes where id = 1')).toBe(20_000)
  })

  it('called before close is drained with the others', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [n])
    const many = db.writeMany(insert, rows, { lane: 'sync' })
    const closing = db.close()
    expect((await many.outcome()).outcome).toBe('committed')
    expect((await closing).notWritten.sync).toBe(0)
  })

  it('that finds its lane full sends no rows', async () => {
    await db.close()
    db = await openNotes(folder.file('a.db'), { lanes: { user: { capacity: 1 } } })
    const held = threadGate()
    void db.call.notes.addWhenOpen({ id: 1, body: 'a', gate: held.buffer }).outcome()
    await held.reached
    void db.write(insert, [2]).outcome()
    let asked = 0
    const rows = {
      *[Symbol.iterator]() {
        asked++
        yield [3]
      },
    }
    const refused = await db.writeMany(insert, rows).outcome()
    expect(refused).toMatchObject({ error: { code: 'lane-full' } })
    expect(asked).toBe(0)
    held.open()
  })
})

describe('readers that have all stopped', () => {
  it('are told of; writing goes on, and when that stops too the database has failed', async () => {
    const stopped = gate()
    db.on('readers-stopped', () => stopped.open())
    for (let read = 0; !stopped.isOpen; read++) {
      const options = { class: read % 2 === 0 ? 'interactive' : 'background' } as const
      await db.call.notes.dieReading(undefined, options).catch(() => {})
      await until(
        'a reader is back or none is',
        () => stopped.isOpen || db.report().states.readers.some((state) => state === 'running.idle'),
      )
    }
    await db.write(insert, [1])
    expect(db.report().states.database).toBe('ready')
  })
})

it('a process that stops an idle writer and exits keeps its exit code', async () => {
  await using child = childProcess(new URL('../../fixtures/programs/stop-and-exit.ts', import.meta.url), {
    args: [folder.file('b.db')],
  })
  expect(await child.exited).toMatchObject({ code: 3, signal: null })
})
