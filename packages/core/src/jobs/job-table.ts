import { deserialize, serialize } from 'node:v8'
import type { Connection } from '../engine/port.ts'
import { jobsEndedKept } from '../limits.ts'
import type { JobState, JobStatus } from './job-state.ts'

/** One row a job. Input, cursor and output are kept as structured clone writes them, so they may be whatever it takes. */
const schema = `
  create table if not exists lockkeeper_jobs (
    id text primary key,
    procedure text not null,
    status text not null check (status in ('running', 'paused', 'done', 'failed', 'cancelled')),
    steps integer not null default 0,
    done real,
    total real,
    input blob not null,
    cursor blob,
    output blob,
    error text,
    started_at text not null default current_timestamp
  ) strict`

interface JobRow extends Pick<JobState, 'id' | 'procedure' | 'steps'> {
  readonly status: JobStatus
  readonly done: number | null
  readonly total: number | null
  readonly input: Uint8Array
  readonly cursor: Uint8Array | null
  readonly output: Uint8Array | null
  readonly error: string | null
}

/** What a job goes on from. */
export interface StoredJob {
  readonly state: JobState
  readonly input: unknown
  /** What the last committed yield handed back; undefined before the first. */
  readonly cursor: unknown
}

/** The rows of jobs, read and written inside the writer's transactions. */
export class JobTable {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
    connection.script(schema)
  }

  insert(id: string, procedure: string, input: unknown): void {
    this.#connection
      .prepareOwn(
        `insert into lockkeeper_jobs (id, procedure, status, input) values (?, ?, 'running', ?) on conflict do nothing`,
      )
      .run([id, procedure, serialize(input)])
  }

  find(id: string): StoredJob | undefined {
    const row = this.#connection.prepareOwn('select * from lockkeeper_jobs where id = ?').firstObject([id]) as
      | JobRow
      | undefined
    if (row === undefined) return undefined
    return {
      state: stateOf(row),
      input: deserialize(row.input),
      cursor: row.cursor === null ? undefined : deserialize(row.cursor),
    }
  }

  /** Notes a step, in the transaction that holds the step's own writes. */
  advance(id: string, cursor: unknown, done: number | undefined, total: number | undefined): void {
    this.#connection
      .prepareOwn(
        'update lockkeeper_jobs set steps = steps + 1, cursor = ?, done = coalesce(?, done), total = coalesce(?, total) where id = ?',
      )
      .run([serialize(cursor), done ?? null, total ?? null, id])
  }

  finish(id: string, output: unknown): void {
    this.#connection
      .prepareOwn(`update lockkeeper_jobs set steps = steps + 1, status = 'done', output = ? where id = ?`)
      .run([serialize(output), id])
    this.#prune()
  }

  /** Ended jobs stay as they ended. */
  setStatus(
    id: string,
    status: 'running' | 'paused' | 'failed' | 'cancelled',
    error: string | null = null,
  ): void {
    this.#connection
      .prepareOwn(
        `update lockkeeper_jobs set status = ?, error = ? where id = ? and status in ('running', 'paused')`,
      )
      .run([status, error, id])
  }

  /** Jobs that have not ended, oldest first. */
  unfinished(): readonly JobState[] {
    const rows = this.#connection
      .prepareOwn(`select * from lockkeeper_jobs where status in ('running', 'paused') order by rowid`)
      .objects(undefined) as JobRow[]
    return rows.map(stateOf)
  }

  /** An ended job's row answers a repeated start with its result; only so many are kept. */
  #prune(): void {
    this.#connection
      .prepareOwn(
        `delete from lockkeeper_jobs where status in ('done', 'failed', 'cancelled') and rowid <=
           (select rowid from lockkeeper_jobs where status in ('done', 'failed', 'cancelled') order by rowid desc limit 1 offset ?)`,
      )
      .run([jobsEndedKept])
  }
}

function stateOf(row: JobRow): JobState {
  return {
    id: row.id,
    procedure: row.procedure,
    status: row.status,
    steps: row.steps,
    done: row.done ?? undefined,
    total: row.total ?? undefined,
    output: row.output === null ? undefined : deserialize(row.output),
    error: row.error ?? undefined,
  }
}
