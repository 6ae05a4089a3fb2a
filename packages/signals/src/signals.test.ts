// The real extension on real connections and threads: runaway work ends (promise 15), and what a person needs to see of
// statements, waits and tables is told. Where the extension can't be built, what is left to test is that this is said.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { locateSignals } from './locate.ts'
import { type LockWaits, Signals } from './signals.ts'

const location = locateSignals()
const extension = location.path ?? ''

let folder: TemporaryFolder
let database: Database.Database
let signals: Signals

it('the extension is there, or the reason why not', () => {
  expect(location.path ?? location.reason).toMatch(/lockkeeper-signals|LOCKKEEPER_SIGNALS|Windows/)
})

const withExtension = (): void => {
  beforeEach(async () => {
    folder = await temporaryFolder()
    database = new Database(folder.file('a.db'))
    database.pragma('journal_mode = wal')
    database.exec('create table notes (id integer primary key, title text)')
    signals = Signals.load(database, extension)
  })

  afterEach(async () => {
    database.close()
    await folder[Symbol.asyncDispose]()
  })

  describe('the app’s own SQL', () => {
    it('does not get the key', () => {
      expect(() => database.prepare('select lockkeeper_signals()').get()).toThrow('called before')
      expect(() => database.prepare("select lockkeeper_signals('a', 'interrupt', 1)").get()).toThrow('own')
    })
  })

  describe('watching', () => {
    it('a writer says how it waits', () => {
      const { waits, notice } = signals.watch('writer')
      expect(waits).toBe(process.platform === 'linux' ? 'futex' : 'polling')
      expect(notice).toBeUndefined()
    })

    it('a database without a file makes it sleep, and it says why', () => {
      const memory = new Database(':memory:')
      expect(Signals.load(memory, extension).watch('writer')).toEqual({
        waits: 'sleeping',
        notice: 'the database is not in a file',
      })
      memory.close()
    })

    it('a second time is refused', () => {
      expect(signals.watch('reader')).toEqual({ waits: 'sleeping', notice: undefined })
      expect(() => signals.watch('writer')).toThrow('watched already')
    })
  })

  describe('the profile', () => {
    it('tells what each statement came to, once', () => {
      signals.watch('reader')
      const insert = database.prepare('insert into notes (title) values (?)')
      for (const title of ['a', 'b', 'c']) insert.run(title)
      const sorted = 'select id from notes order by title'
      database.prepare(sorted).all()
      const profile = signals.profile()
      const of = (sql: string): unknown => profile.find((statement) => statement.sql === sql)
      expect(of('insert into notes (title) values (?)')).toMatchObject({ runs: 3, scanSteps: 0, sorts: 0 })
      expect(of(sorted)).toMatchObject({ runs: 1, scanSteps: 2, sorts: 1, autoIndexes: 0 })
      expect(profile.every(({ vmSteps, totalMs, longestMs }) => vmSteps > 0 && totalMs >= longestMs)).toBe(
        true,
      )
      expect(signals.profile()).toEqual([])
    })

    it('tells of a missing index', () => {
      signals.watch('reader')
      database.exec('create table links (note text); create table marks (note text)')
      const insert = database.prepare('insert into links values (?)')
      for (let n = 0; n < 100; n++) insert.run(`${n}`)
      database.exec('insert into marks select note from links')
      const join = 'select count(*) from links join marks using (note)'
      expect(database.prepare(join).pluck().get()).toBe(100)
      expect(signals.profile().find(({ sql }) => sql === join)?.autoIndexes).toBeGreaterThan(0)
    })
  })

  describe('the tables touched', () => {
    /** As the engine does it: the extension is told of each statement when it is prepared. */
    function run(sql: string): void {
      const statement = database.prepare(sql)
      signals.prepared(sql)
      statement.run()
    }

    beforeEach(() => signals.watch('writer'))

    it('are told once', () => {
      run("insert into notes (title) values ('a')")
      expect(signals.touched()).toEqual(['notes'])
      expect(signals.touched()).toBeUndefined()
    })

    it('are none after a rollback, nor after a statement that changed nothing', () => {
      run('begin')
      run("insert into notes (title) values ('a')")
      run('rollback')
      run('delete from notes where id = 7')
      expect(signals.touched()).toBeUndefined()
    })

    it.each([
      ['a delete of everything, which SQLite does by truncation', 'delete from notes', ['notes']],
      ['a table without rowids', 'insert into tags values (1)', ['tags']],
      ['a trigger', "insert into marks values ('a')", ['marks', 'notes']],
      ['full text', "insert into words values ('a')", ['words']],
      ['a new table', 'create table more (a)', ['more']],
    ])('include those of %s', (_, sql, tables) => {
      database.exec(`create table tags (id integer primary key) without rowid;
        create table marks (note text);
        create trigger mark after insert on marks begin insert into notes (title) values (new.note); end;
        create virtual table words using fts5(word);
        insert into notes (title) values ('b')`)
      signals.touched()
      run(sql)
      expect(signals.touched()).toEqual(expect.arrayContaining(tables))
    })
  })

  describe('other threads’ connections', () => {
    /** A thread with a connection of its own to the same file. */
    class Thread implements AsyncDisposable {
      readonly connection: number
      readonly #worker: Worker

      private constructor(worker: Worker, connection: number) {
        this.#worker = worker
        this.connection = connection
      }

      static async start(): Promise<Thread> {
        const worker = new Worker(new URL('../fixtures/connection-thread.ts', import.meta.url), {
          workerData: { file: folder.file('a.db'), extension },
          execArgv: [],
        })
        const [{ connection }] = (await once(worker, 'message')) as [{ connection: number }]
        return new Thread(worker, connection)
      }

      tell(sql: string, { wait = 0 } = {}): void {
        this.#worker.postMessage({ sql, wait })
      }

      /** The next thing it says: that a statement runs, or how it ended. */
      async says(): Promise<{ running?: true; code?: string; waits?: LockWaits }> {
        return (await once(this.#worker, 'message'))[0]
      }

      async [Symbol.asyncDispose](): Promise<void> {
        await this.#worker.terminate()
      }
    }

    const endless = `with recursive n (i) as (select running() union all select i + 1 from n) select count(*) from n`

    it('are interrupted in the middle of a statement (promise 15)', async () => {
      await using thread = await Thread.start()
      thread.tell(`create table counts as ${endless}`)
      expect(await thread.says()).toEqual({ running: true })
      expect(signals.interrupt(thread.connection)).toBe(true)
      expect(await thread.says()).toMatchObject({ code: 'SQLITE_INTERRUPT' })
      thread.tell('insert into notes default values')
      expect(await thread.says()).toMatchObject({ code: 'done' })
    })

    it('are not told apart from ones that do not run: these go on as if nothing had been', async () => {
      await using thread = await Thread.start()
      expect(signals.interrupt(thread.connection)).toBe(true)
      thread.tell('insert into notes default values')
      expect(await thread.says()).toMatchObject({ code: 'done' })
    })

    it('are woken from a wait for the write lock', async () => {
      await using thread = await Thread.start()
      database.exec('begin immediate')
      thread.tell('begin immediate', { wait: 1_000_000_000 })
      expect(signals.wake(thread.connection)).toBe(true)
      const { code, waits } = await thread.says()
      expect(code).toBe('SQLITE_BUSY')
      expect(waits).toMatchObject({ waits: 1, timedOut: 1 })
      expect(waits?.waitedMs).toBeGreaterThanOrEqual(0)
      database.exec('rollback')
    })

    it('get the write lock when it is released', async () => {
      signals.watch('writer')
      await using thread = await Thread.start()
      database.exec('begin immediate')
      thread.tell('begin immediate; insert into notes default values; commit', { wait: 1_000_000_000 })
      database.exec('commit')
      expect(await thread.says()).toMatchObject({ code: 'done', waits: { timedOut: 0 } })
    })

    it('that have closed are neither interrupted nor woken', () => {
      const other = new Database(folder.file('a.db'))
      const { connection } = Signals.load(other, extension)
      expect([signals.interrupt(connection), signals.wake(connection)]).toEqual([true, true])
      other.close()
      expect([signals.interrupt(connection), signals.wake(connection)]).toEqual([false, false])
      expect([signals.interrupt(0), signals.interrupt(4_000_000_000)]).toEqual([false, false])
    })

    it('are reached from a connection that hands out big integers, too', () => {
      const other = new Database(':memory:').defaultSafeIntegers()
      expect(Signals.load(other, extension).interrupt(signals.connection)).toBe(true)
      other.close()
    })
  })
}

if (location.path !== undefined) describe('with the extension', withExtension)
