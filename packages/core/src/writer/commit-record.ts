import type { Connection } from '../engine/port.ts'
import { commitRecordKeptSeconds, commitRecordsKept } from '../limits.ts'

/**
 * What the last transaction of an opening committed, written inside that transaction. After any death of the writer's
 * thread it tells, for every item of the batch under way, whether it is stored. It also makes sure that no batch is empty:
 * a commit that changed nothing would not be synced, and may rest on one that was not.
 */
export interface CommitRecord {
  readonly batch: number
  /** Items of that batch that were committed or failed, from the first on. */
  readonly answered: number
  /** Those of them that failed. */
  readonly failed: readonly number[]
}

const schema = `
  create table if not exists lockkeeper_commit (
    id integer primary key,
    session text not null unique,
    threads integer not null,
    batch integer not null,
    answered integer not null,
    failed text,
    written_at integer not null default 0
  ) strict`

export class CommitRecords {
  readonly #connection: Connection
  readonly #session: string

  /**
   * Makes the table and this opening's row; each opening has its own, so that processes don't overwrite each other. It writes
   * each time: a commit of this connection's own overwrites whatever a failed COMMIT of the thread before may have left in
   * the log, which a later recovery could bring back (seen with an I/O error at COMMIT).
   */
  constructor(connection: Connection, session: string) {
    this.#connection = connection
    this.#session = session
    makeTable(connection)
    connection
      .prepareOwn(
        `insert into lockkeeper_commit (session, threads, batch, answered, written_at) values (?, 1, 0, 0, unixepoch())
         on conflict (session) do update set threads = threads + 1, written_at = excluded.written_at`,
      )
      .run([session])
    connection
      .prepareOwn(
        `delete from lockkeeper_commit where written_at < unixepoch() - ?
           and id not in (select id from lockkeeper_commit order by id desc limit ?)`,
      )
      .run([commitRecordKeptSeconds, commitRecordsKept])
  }

  /**
   * Inside the transaction it speaks of. Whatever has become of the row in the meantime, it is there after the commit: without
   * it a committed batch would be taken for a lost one, and run twice.
   */
  write(batch: number, answered: number, failed: readonly number[]): void {
    const { changes } = this.#connection
      .prepareOwn(
        `insert into lockkeeper_commit (session, threads, batch, answered, failed, written_at)
           values (?, 1, ?, ?, ?, unixepoch())
         on conflict (session) do update set
           batch = excluded.batch, answered = excluded.answered, failed = excluded.failed, written_at = excluded.written_at`,
      )
      .run([this.#session, batch, answered, failed.length === 0 ? null : JSON.stringify(failed)])
    if (changes !== 1) throw new Error(`A batch’s commit record is ${changes} rows instead of one`)
  }

  /**
   * Changes nothing that anybody reads, and yet has to be written: to see whether anything can. The time goes to and fro by a
   * second, since SQLite writes no page for a row that is set to what it is.
   */
  touch(): void {
    this.#connection
      .prepareOwn(
        `update lockkeeper_commit set written_at = unixepoch() - (written_at = unixepoch()) where session = ?`,
      )
      .run([this.#session])
  }

  last(): CommitRecord {
    const row = this.#connection
      .prepareOwn('select batch, answered, failed from lockkeeper_commit where session = ?')
      .firstObject([this.#session]) as { batch: number; answered: number; failed: string | null } | undefined
    return {
      batch: row?.batch ?? 0,
      answered: row?.answered ?? 0,
      failed: typeof row?.failed === 'string' ? (JSON.parse(row.failed) as number[]) : [],
    }
  }
}

/** Files of older versions have the table without its last column. One transaction, since two processes may open at once. */
function makeTable(connection: Connection): void {
  connection.script(`begin immediate; ${schema}`)
  try {
    const column = connection
      .prepareOwn(`select 1 from pragma_table_info('lockkeeper_commit') where name = 'written_at'`)
      .firstArray(undefined)
    if (column === undefined)
      connection.script('alter table lockkeeper_commit add column written_at integer not null default 0')
    connection.script('commit')
  } catch (thrown) {
    if (connection.inTransaction) connection.script('rollback')
    throw thrown
  }
}
