import type { Connection } from '../engine/port.ts'
import { commitRecordsKept } from '../limits.ts'

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
    failed text
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
    connection.script(schema)
    connection
      .prepareOwn(
        `insert into lockkeeper_commit (session, threads, batch, answered) values (?, 1, 0, 0)
         on conflict (session) do update set threads = threads + 1`,
      )
      .run([session])
    connection
      .prepareOwn(
        'delete from lockkeeper_commit where id <= (select max(id) from lockkeeper_commit) - ? and session <> ?',
      )
      .run([commitRecordsKept, session])
  }

  /** Inside the transaction it speaks of. */
  write(batch: number, answered: number, failed: readonly number[]): void {
    this.#connection
      .prepareOwn('update lockkeeper_commit set batch = ?, answered = ?, failed = ? where session = ?')
      .run([batch, answered, failed.length === 0 ? null : JSON.stringify(failed), this.#session])
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
