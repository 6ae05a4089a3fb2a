// What the signals extension adds to a database, and that it does without: promises 13, 15 and 16, docs/locking.md.
import { mkdir } from 'node:fs/promises'
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notesMigrations } from '../../fixtures/open-notes.ts'
import { endless } from '../../fixtures/runaway-procedures.ts'
import { describeWithSignals } from '../../fixtures/with-signals.ts'
import { openDatabase } from './open.ts'
import type { OpenOptions } from './options.ts'
import type { Database } from './types.ts'

let folder: TemporaryFolder
const opened: Database[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()))
  await folder[Symbol.asyncDispose]()
})

async function open(options: Partial<OpenOptions> = {}): Promise<Database> {
  const db = await openDatabase({ file: folder.file('a.db'), migrations: notesMigrations, ...options })
  opened.push(db)
  return db
}

/** A file is refused until every thread that had it open has really gone. */
async function reopened(): Promise<Database> {
  for (;;) {
    const db = await open().catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'already-open' })
    })
    if (db !== undefined) return db
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The tables of every commit, in order; each look empties the list. */
function committedTables(db: Database): () => (readonly string[] | undefined)[] {
  const seen: (readonly string[] | undefined)[] = []
  db.on('committed', ({ tables }) => seen.push(tables))
  return () => seen.splice(0)
}

describe('a database without signals', () => {
  it('works, says so, and knows of no commit which tables it touched', async () => {
    const db = await open({ signals: false })
    const committed = committedTables(db)
    await db.write('insert into notes (id) values (1)')
    expect(committed()).toEqual([undefined])
    expect(db.report()).toMatchObject({
      signals: { waiting: 'none', interrupts: false, notice: 'turned off by the option signals' },
      statements: [],
    })
  })

  it('refuses an option that is neither true nor false', async () => {
    await expect(open({ signals: 'yes' as never })).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})

describeWithSignals('a database with signals', () => {
  it('tells with each commit which tables it touched, its own left out', async () => {
    const db = await open()
    const committed = committedTables(db)
    await db.write('create table plain (id integer primary key)')
    await db.write('create table keyed (id text primary key) without rowid')
    expect(committed()).toEqual([['plain'], ['keyed']])
    await db.write("insert into keyed values ('a')")
    await db.writeAtomic([['insert into plain values (1)'], ['insert into notes (id) values (1)']])
    expect(committed()).toEqual([['keyed'], ['plain', 'notes']])
    await db.write('update plain set id = 2 where id = 7')
    await db.write('delete from plain')
    await db.write('delete from plain')
    expect(committed()).toEqual([[], ['plain'], []])
  })

  it('does not tell of tables that a transaction had touched when it was rolled back', async () => {
    const db = await open()
    await db.write('create table strict_ones (id integer primary key)')
    await db.write('insert into strict_ones values (1)')
    const committed = committedTables(db)
    const failing = db.write('insert or rollback into strict_ones values (2), (1)')
    await expect(failing).rejects.toMatchObject({ code: 'sqlite-constraint-primarykey' })
    await db.write('insert into notes (id) values (1)')
    expect(committed()).toEqual([['notes']])
  })

  it('tells of tables that a change reaches through triggers and cascades', async () => {
    const db = await open()
    await db.write('create table log (id integer primary key, note) ')
    await db.write(
      'create table tag (note references notes (id) on delete cascade, primary key (note)) without rowid',
    )
    await db.write('create trigger t after insert on notes begin insert into log (note) values (new.id); end')
    const committed = committedTables(db)
    await db.write('insert into notes (id) values (1)')
    await db.write('insert into tag values (1)')
    expect(committed().map((tables) => tables?.toSorted())).toEqual([['log', 'notes'], ['tag']])
    await db.write('delete from notes where id = 1')
    expect(committed().map((tables) => tables?.toSorted())).toEqual([['notes', 'tag']])
  })

  it('reports what statements came to, the app’s beside its own, without their values', async () => {
    const db = await open()
    for (let id = 0; id < 20; id++) await db.write('insert into notes (id) values (?)', [id])
    await db.read('select * from notes where id % 2 = 0')
    const runsOf = (sql: string) => db.report().statements.find((statement) => statement.sql === sql)
    await until('the reader has told', () => runsOf('select * from notes where id % 2 = 0') !== undefined)
    await until('the writer has told', () => runsOf('insert into notes (id) values (?)')?.runs === 20)
    expect(runsOf('select * from notes where id % 2 = 0')).toMatchObject({ on: 'reader', runs: 1 })
    expect(runsOf('select * from notes where id % 2 = 0')?.scanSteps).toBeGreaterThan(10)
  })

  it('lets nobody but itself speak to the extension', async () => {
    const db = await open()
    await expect(db.read('select lockkeeper_signals()')).rejects.toThrow('its key belongs to Lockkeeper')
    await expect(db.read("select lockkeeper_signals('x', 'interrupt', 1)")).rejects.toThrow(
      'Lockkeeper’s own'.replace('’', "'"),
    )
  })

  it('falls back, with one notice, where no file can be made beside the database', async () => {
    await mkdir(folder.file('a.db-lockkeeper'))
    const warnings: string[] = []
    const onWarning = (warning: Error): void => {
      if (warning.name === 'LockkeeperWarning') warnings.push(warning.message)
    }
    process.on('warning', onWarning)
    const db = await open()
    await db.write('insert into notes (id) values (1)')
    await until('the warning', () => warnings.length > 0)
    process.off('warning', onWarning)
    expect(warnings).toEqual([expect.stringContaining('a.db-lockkeeper')])
    expect(db.report().signals).toMatchObject({
      waiting: 'sleeping',
      notice: expect.stringContaining('a.db-lockkeeper'),
    })
  })

  it('ends a thread that it closes without while it is inside a statement', async () => {
    const db = await open()
    await until('interrupts are ready', () => db.report().signals.interrupts)
    const reading = expect(db.read(endless)).rejects.toMatchObject({ code: 'closed' })
    const writing = db.write(`insert into notes (id) ${endless}`).outcome()
    await until('it reads', () => db.report().states.readers.includes('running.leased'))
    await db.close({ deadlineMs: 0 })
    await reading
    expect((await writing).outcome).not.toBe('committed')
    await reopened()
  })
})
