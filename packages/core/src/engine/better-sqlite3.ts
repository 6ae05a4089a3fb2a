import Database from 'better-sqlite3'
import { statementsCachedMax } from '../limits.ts'
import type { ConnectionRole, ConnectionSetup, SetupFunction } from '../procedures/connection-setup.ts'
import type { Changes } from '../procedures/define.ts'
import { Checkpoints } from '../wal/checkpoint.ts'
import { BetterStatement, type RunGuard } from './better-statement.ts'
import type {
  Checkpointer,
  Connection,
  CopyProgress,
  Engine,
  InspectorOptions,
  ReaderOptions,
  Statement,
  WriterOptions,
} from './port.ts'
import { assertLeavesOurs } from './reserved-names.ts'
import { type ConnectionSignals, joinSignals, type SignalsState, without } from './signals.ts'
import {
  assertHasPlan,
  assertMayRead,
  assertMayWrite,
  assertNothingTemporary,
  assertReadsOnly,
  creates,
  explains,
  marksPlace,
} from './statement-rules.ts'

/** The one module that knows better-sqlite3. */
export const betterSqlite3: Engine = {
  load(): void {
    // The binding is loaded by the first connection.
    new Database(':memory:').close()
  },
  openWriter(file: string, options: WriterOptions): Connection {
    const database = openWritable(file, { timeout: options.busyMs })
    setUp(database, 'writer', options.setup)
    const connection = new BetterConnection(database, 'writer', options, assertMayWrite, assertLeavesOurs)
    connection.waitForLock(options.busyMs)
    return connection
  },
  openReader(file: string, options: ReaderOptions = {}): Connection {
    const database = new Database(file, { readonly: true, fileMustExist: true })
    setUp(database, 'reader', options.setup)
    // Read-only opening keeps SQL out of the file; this keeps it out of attached and temporary databases too.
    database.pragma('query_only = 1')
    return new BetterConnection(database, 'reader', options, assertMayRead, assertReadsOnly)
  },
  openCheckpointer(file: string): Checkpointer {
    const database = openWritable(file, { timeout: 0, fileMustExist: true })
    const connection = new BetterConnection(database, 'checkpointer', {}, assertMayNothing, assertReadsOnly)
    const checkpoints = new Checkpoints(connection)
    return { copy: () => checkpoints.run('passive'), close: () => connection.close() }
  },
  openInspector(file: string, { hasLog, busyMs }: InspectorOptions): Connection {
    const database = hasLog
      ? new Database(file, { readonly: true, fileMustExist: true, timeout: busyMs })
      : openWritable(file, { fileMustExist: true, timeout: busyMs })
    database.pragma('query_only = 1')
    // The schema may be a stranger's: its views and defaults get no functions that reach beyond it.
    database.pragma('trusted_schema = 0')
    return new BetterConnection(database, 'reader', {}, assertMayNothing, assertReadsOnly)
  },
}

/**
 * Every connection that may write the file: the writer's, the checkpointer's, which only checkpoints (promise 1), and the
 * inspector's, which is told to query only before anything else.
 */
function openWritable(file: string, options: Database.Options): Database.Database {
  return new Database(file, options)
}

function assertMayNothing(): never {
  throw new Error('This connection runs no statements of others')
}

/** Runs the app's set-up with just what it may do: the connection itself stays ours. */
function setUp(database: Database.Database, role: ConnectionRole, setup: SetupFunction | undefined): void {
  if (setup === undefined) return
  const face: ConnectionSetup = {
    function: (name, body, { deterministic = false, varargs = false } = {}) => {
      database.function(name, { deterministic, varargs }, body as (...values: unknown[]) => unknown)
    },
    aggregate: (name, aggregate) => {
      database.aggregate(name, aggregate as unknown as Database.AggregateOptions)
    },
    loadExtension: (path) => {
      database.loadExtension(path)
    },
  }
  try {
    setup(face, role)
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

class BetterConnection implements Connection {
  readonly version: string
  readonly signals: ConnectionSignals | undefined
  readonly signalsState: SignalsState
  readonly #role: ConnectionRole | 'checkpointer'
  readonly #database: Database.Database
  /** Least recently used first. */
  readonly #statements = new Map<string, BetterStatement>()
  /** Ours apart from the app's: an app's text that equals one of ours (`commit`) must not find it and pass for it. */
  readonly #own = new Map<string, BetterStatement>()

  readonly #mayPrepare: (sql: string, inTransaction: boolean) => void
  readonly #mayRun: (statement: Statement) => void

  constructor(
    database: Database.Database,
    role: ConnectionRole | 'checkpointer',
    options: ReaderOptions,
    mayPrepare: (sql: string, inTransaction: boolean) => void,
    mayRun: (statement: Statement) => void,
  ) {
    this.#database = database
    this.#role = role
    // After the app's own set-up, so that nothing of its can take the place of ours.
    const joined =
      options.signals === undefined || role === 'checkpointer'
        ? without('not asked for')
        : joinSignals(options.signals, database, role)
    this.signals = 'state' in joined ? joined : undefined
    this.signalsState = 'state' in joined ? joined.state : joined
    this.#mayPrepare = mayPrepare
    this.#mayRun = mayRun
    this.version = database.prepare('select sqlite_version()').pluck().get() as string
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  prepare(sql: string): Statement {
    const known = this.#known(sql)
    if (known !== undefined) return known
    this.#mayPrepare(sql, this.inTransaction)
    if (explains(sql)) return this.#explanation(sql)
    const guard = creates(sql) ? this.#createInFile : undefined
    const statement = new BetterStatement(this.#database.prepare(sql), guard)
    if (this.#role === 'writer') this.signals?.prepared(sql)
    this.#mayRun(statement)
    // What depends on the moment is never kept: the next one who asks may have no transaction open.
    return marksPlace(sql) ? statement : this.#keep(statement)
  }

  /**
   * EXPLAIN runs nothing, and so never finds out that another process has changed the schema: it would tell of an index that is
   * gone. So a statement that does run looks first, and the explanation is compiled after it, each time.
   */
  #explanation(sql: string): Statement {
    const statement = this.#afresh(sql)
    this.#mayRun(statement)
    return statement
  }

  planOf(sql: string): Statement {
    assertHasPlan(sql)
    return this.#afresh(`explain query plan ${sql}`)
  }

  #afresh(sql: string): Statement {
    this.prepareOwn('select 1 from sqlite_schema').firstArray(undefined)
    return new BetterStatement(this.#database.prepare(sql))
  }

  prepareOwn(sql: string): Statement {
    let statement = this.#own.get(sql)
    if (statement === undefined) {
      statement = new BetterStatement(this.#database.prepare(sql))
      this.#own.set(sql, statement)
    }
    return statement
  }

  /** Whatever its text looked like: a CREATE that made something temporary is undone. */
  readonly #createInFile: RunGuard = (run) => {
    this.prepareOwn('savepoint lockkeeper_create').run(undefined)
    try {
      const changes = run()
      assertNothingTemporary(this)
      return changes
    } catch (thrown) {
      if (this.inTransaction) this.prepareOwn('rollback to lockkeeper_create').run(undefined)
      throw thrown
    } finally {
      if (this.inTransaction) this.prepareOwn('release lockkeeper_create').run(undefined)
    }
  }

  #known(sql: string): BetterStatement | undefined {
    const known = this.#statements.get(sql)
    if (known !== undefined && this.#statements.size === statementsCachedMax) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
    }
    return known
  }

  #keep(statement: BetterStatement): BetterStatement {
    if (this.#statements.size === statementsCachedMax) {
      const oldest = this.#statements.keys().next().value
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    this.#statements.set(statement.sql, statement)
    return statement
  }

  waitForLock(ms: number): void {
    // The pragma would put SQLite's own handler, which sleeps, in place of the extension's.
    if (this.#role === 'writer' && this.signals !== undefined) this.signals.waitAtMost(ms)
    else this.script(`pragma busy_timeout = ${ms}`)
  }

  lastChanges(): Changes {
    const [changes, lastInsertRowid] = this.prepareOwn('select changes(), last_insert_rowid()').firstArray(
      undefined,
    ) as [number, number]
    return { changes, lastInsertRowid }
  }

  script(sql: string): void {
    this.#database.exec(sql)
  }

  async copyTo(file: string, afterStep: (progress: CopyProgress) => number): Promise<CopyProgress> {
    return progressOf(
      await this.#database.backup(file, { progress: (progress) => afterStep(progressOf(progress)) }),
    )
  }

  close(): void {
    // An interrupt stays set until the next statement begins, and would keep closing from copying the log into the file.
    if (this.signals !== undefined && !this.inTransaction) this.prepareOwn('select 1').firstArray(undefined)
    this.#statements.clear()
    this.#own.clear()
    this.#database.close()
  }
}

const progressOf = ({ totalPages, remainingPages }: Database.BackupMetadata): CopyProgress => ({
  // The end is overshot where the database shrank meanwhile.
  pagesDone: Math.min(totalPages, totalPages - remainingPages),
  pagesTotal: totalPages,
})
