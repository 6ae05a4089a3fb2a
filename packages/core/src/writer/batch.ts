import type { ErrorWire } from '../errors/wire.ts'
import type { JobOrder, JobState } from '../jobs/job-state.ts'
import type { PlannedBatch } from '../mailbox/mailbox.ts'
import type { MaintenanceTask } from '../maintenance/task.ts'
import type { SqlParameters } from '../procedures/define.ts'
import type { PackedRows } from '../wire/rows.ts'
import type { Durability } from './durability.ts'

/**
 * What one write asks for: a statement, an atomic list of statements, a procedure call, a job's order, a statement with
 * many rows that were sent ahead, or maintenance of the file. Indivisible.
 */
export type WriteWork =
  | { readonly kind: 'statement'; readonly sql: string; readonly parameters: SqlParameters | undefined }
  | { readonly kind: 'atomic'; readonly statements: readonly AtomicStatement[] }
  | { readonly kind: 'procedure'; readonly name: string; readonly input: unknown }
  | { readonly kind: 'job'; readonly order: JobOrder }
  | { readonly kind: 'bulk'; readonly sql: string; readonly id: number }
  | { readonly kind: 'maintenance'; readonly task: MaintenanceTask }

export type AtomicStatement = readonly [sql: string, parameters: SqlParameters | undefined]

/**
 * A batch on its way to the writer's thread. Texts are sent once each and named by their index, because in a batch of many
 * small writes the texts would outweigh the rest.
 */
export interface Batch {
  /** Raised by one with every batch of this opening: the commit record tells by it what was committed. */
  readonly id: number
  /** How long the batch may hold the write lock, in milliseconds; past it the rest is handed back. */
  readonly sliceMs: number
  /** That of its most demanding item; the others get it too. */
  readonly durability: Durability
  readonly texts: readonly string[]
  /** Two numbers for each item: its {@link kinds kind}, and the index of its text or procedure name (unused for atomic). */
  readonly heads: Int32Array
  /** One for each item: parameters, statements as `[text, parameters]`, or the procedure's input. */
  readonly payloads: readonly unknown[]
  /** Idempotency keys, by item; absent where no item has one. */
  readonly keys: readonly (string | undefined)[] | undefined
}

export const kinds = { statement: 0, atomic: 1, procedure: 2, job: 3, bulk: 4, maintenance: 5 } as const

/** What one item came to, beyond the two numbers of a plain statement. */
export type ItemAnswer =
  | { readonly kind: 'rows'; readonly rows: PackedRows }
  | { readonly kind: 'atomic'; readonly results: readonly AtomicAnswer[] }
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'job'; readonly state: JobState }
  | { readonly kind: 'error'; readonly error: ErrorWire }

export interface AtomicAnswer {
  readonly changes: number
  readonly lastInsertRowid: number | bigint
  readonly rows: PackedRows | undefined
}

/** The answer to a batch, sent after COMMIT. */
export interface BatchAnswers {
  readonly id: number
  /** Items that have an answer, from the first on; the rest was not begun and goes back to its lane. */
  readonly answered: number
  /** Two numbers for each answered item: changes and last inserted rowid. */
  readonly numbers: Float64Array
  /** For each item how long it ran, in milliseconds, its savepoint included. */
  readonly times: Float64Array
  /** How long the batch waited for another process's lock, and how long it held it, COMMIT included. In milliseconds. */
  readonly waitedMs: number
  readonly heldMs: number
  /** Whatever the numbers don't say, by item. */
  readonly others: readonly (readonly [item: number, answer: ItemAnswer])[]
  /** Transactions committed: one, unless a lost batch was run again item by item. */
  readonly commits: number
  /** Tables that the committed transactions touched; undefined where that is not known: any may have been. */
  readonly touched: readonly string[] | undefined
  /** Every SQLITE_BUSY met while beginning, by code. */
  readonly busy: Readonly<Record<string, number>>
  /** Items that took longer than the whole slice, with their time in milliseconds. */
  readonly overstays: readonly (readonly [item: number, ms: number])[]
  /** Set when the lock could not be had in time: nothing was begun. */
  readonly contended: ErrorWire | undefined
  /** Set when nothing can be committed any more, for a fault of the file or the disk: the thread leaves after this answer. */
  readonly halted: ErrorWire | undefined
}

/** The idempotency keys of a batch. Most have none, and send none. */
export function keysOf(
  writes: readonly { readonly idempotencyKey: string | undefined }[],
): (string | undefined)[] | undefined {
  const has = writes.some((write) => write.idempotencyKey !== undefined)
  return has ? writes.map((write) => write.idempotencyKey) : undefined
}

/** The message of a planned batch. */
export function batchOf(id: number, { sliceMs, writes }: PlannedBatch): Batch {
  const durability = writes.some((write) => write.durability === 'power') ? 'power' : 'process'
  const works = writes.map((write) => write.work)
  return encodeBatch({ id, sliceMs, durability, keys: keysOf(writes) }, works)
}

/** Encodes the works of a batch for its message. */
export function encodeBatch(
  { id, sliceMs, durability, keys }: Pick<Batch, 'id' | 'sliceMs' | 'durability' | 'keys'>,
  works: readonly WriteWork[],
): Batch {
  const texts: string[] = []
  const known = new Map<string, number>()
  const indexOf = (text: string): number => {
    let index = known.get(text)
    if (index === undefined) {
      index = texts.push(text) - 1
      known.set(text, index)
    }
    return index
  }
  const heads = new Int32Array(works.length * 2)
  const payloads = new Array<unknown>(works.length)
  for (let item = 0; item < works.length; item++) {
    const work = works[item] as WriteWork
    heads[item * 2] = kinds[work.kind]
    switch (work.kind) {
      case 'statement':
        heads[item * 2 + 1] = indexOf(work.sql)
        payloads[item] = work.parameters
        break
      case 'atomic':
        payloads[item] = work.statements.map(([sql, parameters]) => [indexOf(sql), parameters])
        break
      case 'procedure':
        heads[item * 2 + 1] = indexOf(work.name)
        payloads[item] = work.input
        break
      case 'job':
        payloads[item] = work.order
        break
      case 'bulk':
        heads[item * 2 + 1] = indexOf(work.sql)
        payloads[item] = work.id
        break
      case 'maintenance':
        payloads[item] = work.task
    }
  }
  return { id, sliceMs, durability, texts, heads, payloads, keys }
}

/** The work of one item, as the thread reads it out of the batch. */
export function workAt(batch: Batch, item: number): WriteWork {
  const text = (index: number): string => batch.texts[index] as string
  const index = batch.heads[item * 2 + 1] as number
  const payload = batch.payloads[item]
  switch (batch.heads[item * 2]) {
    case kinds.statement:
      return { kind: 'statement', sql: text(index), parameters: payload as SqlParameters | undefined }
    case kinds.atomic:
      return {
        kind: 'atomic',
        statements: (payload as [number, SqlParameters | undefined][]).map(([at, parameters]) => [
          text(at),
          parameters,
        ]),
      }
    case kinds.bulk:
      return { kind: 'bulk', sql: text(index), id: payload as number }
    case kinds.job:
      return { kind: 'job', order: payload as JobOrder }
    case kinds.maintenance:
      return { kind: 'maintenance', task: payload as MaintenanceTask }
    default:
      return { kind: 'procedure', name: text(index), input: payload }
  }
}
