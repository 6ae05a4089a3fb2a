/**
 * Procedures: named synchronous functions that run inside the writer's or a reader's thread. A module of procedures is
 * loaded by those threads; the app imports only its type.
 */

/** A value SQLite can store, as better-sqlite3 binds it. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** Parameters of one statement: by position, or by name for `:name`, `@name` and `$name`. */
export type SqlParameters = readonly SqlValue[] | Readonly<Record<string, SqlValue>>

/** What a statement that changes rows says of itself. */
export interface Changes {
  /** Rows inserted, updated or deleted by the statement itself, not by triggers or foreign keys. */
  readonly changes: number
  readonly lastInsertRowid: number | bigint
}

/** The transaction as a reading procedure sees it. Dead once the procedure has returned: later use throws. */
export interface ReadTransaction {
  /** All rows, as objects. Bytes come as Buffers. */
  all<Row = Record<string, SqlValue>>(sql: string, parameters?: SqlParameters): Row[]
  /** The first row, or undefined. */
  first<Row = Record<string, SqlValue>>(sql: string, parameters?: SqlParameters): Row | undefined
  /** The first column of the first row, or undefined. */
  value<Value = SqlValue>(sql: string, parameters?: SqlParameters): Value | undefined
}

/** The transaction as a writing procedure sees it: it reads its own writes. */
export interface WriteTransaction extends ReadTransaction {
  run(sql: string, parameters?: SqlParameters): Changes
  /**
   * Whether somebody more urgent waits for the writer. What could go on for long does well to return then, and to be called
   * again for the rest: it may take more than a slice of its lane, and yet nobody waits for it. A look costs some nanoseconds.
   *
   * @example
   * for (const row of rows) {
   *   derive(tx, row)
   *   if (tx.shouldYield) break
   * }
   */
  readonly shouldYield: boolean
}

export interface WriteProcedure<Input, Output> {
  readonly kind: 'write'
  readonly body: (tx: WriteTransaction, input: Input) => Output
}

export interface ReadProcedure<Input, Output> {
  readonly kind: 'read'
  readonly body: (tx: ReadTransaction, input: Input) => Output
}

/**
 * Declares a procedure that writes. It runs in the writer's thread, inside the transaction of its batch.
 *
 * It must be synchronous (one that returns a promise is rolled back and refused), and have no effect but on its
 * transaction: it may run twice when the first transaction is lost. What it throws undoes its own writes and no others.
 *
 * @example
 * export const rename = write((tx, note: { id: string; title: string }) =>
 *   tx.run('update notes set title = ? where id = ?', [note.title, note.id]).changes)
 */
export function write<Input = undefined, Output = void>(
  body: (tx: WriteTransaction, input: Input) => Output,
): WriteProcedure<Input, Output> {
  return { kind: 'write', body }
}

/**
 * Declares a procedure that reads. It runs in a reader's thread, inside one read transaction: all its queries see the
 * same state.
 *
 * @example
 * export const latest = read((tx, q: { limit: number }) => tx.all<Note>('select * from notes limit ?', [q.limit]))
 */
export function read<Input = undefined, Output = unknown>(
  body: (tx: ReadTransaction, input: Input) => Output,
): ReadProcedure<Input, Output> {
  return { kind: 'read', body }
}

/** What a job hands back at the end of a step. */
export interface JobYield {
  /** Where the job goes on from; any value that structured clone takes. Stored with the step's writes. */
  readonly cursor: unknown
  /** Progress, in whatever unit the job counts. */
  readonly done?: number | undefined
  readonly total?: number | undefined
}

/** What a job's body is given. */
export interface JobStep {
  /** The transaction of the step that runs. Each `yield` ends it; read it anew after. */
  readonly tx: WriteTransaction
  /** What the last committed yield handed back before this body started; undefined at the very beginning. */
  readonly cursor: unknown
}

export interface JobProcedure<Input, Output> {
  readonly kind: 'job'
  readonly body: (step: JobStep, input: Input) => Generator<JobYield, Output, void>
}

/**
 * Declares a resumable job: a generator that writes a little and yields where it may go on from. Between two steps the
 * writer may commit and let others pass; each step happens exactly once, across crashes and restarts.
 *
 * Start from `step.cursor`, not from memory: after a rollback or a restart the body runs anew from there.
 *
 * @example
 * export const reindex = job(function* (step, input: { from: number }) {
 *   let at = (step.cursor as number | undefined) ?? input.from
 *   for (;;) {
 *     const rows = step.tx.all<{ id: number }>('select id from notes where id > ? order by id limit 100', [at])
 *     if (rows.length === 0) return at
 *     at = rows.at(-1)!.id
 *     yield { cursor: at, done: at }
 *   }
 * })
 */
export function job<Input = undefined, Output = unknown>(
  body: (step: JobStep, input: Input) => Generator<JobYield, Output, void>,
): JobProcedure<Input, Output> {
  return { kind: 'job', body }
}
