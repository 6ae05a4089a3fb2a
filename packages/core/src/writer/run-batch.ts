import type { Connection } from '../engine/port.ts'
import { isBusy, sqliteCodeOf } from '../errors/from-sqlite.ts'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { JobRunner } from '../jobs/run-job.ts'
import { isSolo } from '../maintenance/task.ts'
import type { ProcedureTable } from '../procedures/load.ts'
import { assertInTransaction } from '../procedures/transaction.ts'
import { AnswerSheet } from './answer-sheet.ts'
import { type Batch, type BatchAnswers, kinds, type WriteWork, workAt } from './batch.ts'
import { beginImmediate } from './begin.ts'
import type { BulkStore } from './bulk-store.ts'
import type { CommitRecords } from './commit-record.ts'
import type { WriterControl } from './control.ts'
import { SyncLevel } from './durability.ts'
import { whyHalted } from './halt.ts'
import type { IdempotencyKeys } from './idempotency.ts'
import { Isolation } from './isolation.ts'
import { LockWaitWatch } from './lock-times.ts'
import type { OpenFiles } from './open-files.ts'
import { type ItemResult, runItem } from './run-item.ts'
import { runSolo } from './run-solo.ts'

export interface BatchRunnerParts {
  readonly connection: Connection
  readonly procedures: ProcedureTable
  readonly jobs: JobRunner
  readonly bulks: BulkStore
  readonly keys: IdempotencyKeys
  readonly control: WriterControl
  readonly records: CommitRecords
  readonly files: OpenFiles
}

/**
 * Runs batches on the sole write connection: one transaction each, every item answered after COMMIT. If one item costs
 * the whole transaction (`OR ROLLBACK`, a deferred foreign key at COMMIT, rows for which the disk is too full), the others
 * are run again, each in a transaction of its own, so that one bad item fails alone (promise 10).
 */
export class BatchRunner {
  readonly #parts: BatchRunnerParts
  readonly #isolation: Isolation
  readonly #sync: SyncLevel
  readonly #waits: LockWaitWatch

  constructor(parts: BatchRunnerParts) {
    this.#parts = parts
    this.#isolation = new Isolation(parts.connection)
    this.#sync = new SyncLevel(parts.connection)
    this.#waits = new LockWaitWatch(parts.connection)
  }

  run(batch: Batch): BatchAnswers {
    const sheet = new AnswerSheet(batch, this.#parts.connection.signals !== undefined)
    this.#sync.set(batch.durability)
    if (batch.heads[0] === kinds.maintenance && isSolo(workAt(batch, 0)))
      return runSolo(this.#parts, batch, sheet)
    const refused = this.#begin(sheet)
    if (refused !== undefined && isBusy(refused.code)) return sheet.contended(refused)
    const answered = refused === undefined ? this.#runAll(batch, sheet) : batch.payloads.length
    if (refused !== undefined) sheet.failAll(answered, refused, 'begin')
    sheet.lock.released(performance.now())
    return sheet.finish(answered, sheet.fault && whyHalted(this.#parts, sheet.fault))
  }

  /** @returns how many items have an answer, from the first on. */
  #runAll(batch: Batch, sheet: AnswerSheet): number {
    const { items, lostTo } = this.#runItems(batch, sheet)
    if (lostTo !== undefined) return this.#runSingly(batch, items, lostTo, sheet)
    const thrown = this.#commit(batch, items, sheet)
    if (thrown === undefined) return items
    // A failed COMMIT does not say whose it is: a deferred constraint, or the one row that the disk has no room for.
    if (items > 1 && !isLockkeeperError(thrown)) return this.#runSingly(batch, items, undefined, sheet)
    sheet.failAll(items, thrown, 'commit')
    return items
  }

  #begin(sheet: AnswerSheet): LockkeeperError | undefined {
    const { connection, control } = this.#parts
    const askedAt = performance.now()
    const refused = beginImmediate(connection, control, sheet.busy)
    const now = performance.now()
    if (refused !== undefined) {
      sheet.lock.refused(askedAt, now)
      return refused
    }
    sheet.lock.begun(askedAt, now, this.#waits.hasWaited(now - askedAt))
    this.#isolation.refresh()
    return undefined
  }

  /** Runs items until the slice is over or one of them ended the transaction. */
  #runItems(batch: Batch, sheet: AnswerSheet): { items: number; lostTo: number | undefined } {
    const { connection, control } = this.#parts
    const items = batch.payloads.length
    let now = performance.now()
    const endAt = now + batch.sliceMs
    let item = 0
    while (item < items) {
      const failed = this.#runOne(batch, item, items > 1, sheet)
      item++
      const before = now
      now = performance.now()
      sheet.took(item - 1, now - before)
      if (now - before > batch.sliceMs) sheet.overstayed(item - 1, now - before)
      // What succeeds can't have ended the transaction; asking costs as much as a twentieth of a small insert.
      if (failed && !connection.inTransaction) return { items: item, lostTo: item - 1 }
      if (control.yieldWanted || now >= endAt) break
    }
    control.setRunningItem(undefined)
    return { items: item, lostTo: undefined }
  }

  /**
   * Only the item itself may be cut off, so that only it counts as running: an interrupt that hit a savepoint of ours, or the
   * look at the schema that follows an item with one, would cost more than the item.
   * @returns whether the item failed.
   */
  #runOne(batch: Batch, item: number, hasNeighbours: boolean, sheet: AnswerSheet): boolean {
    const { connection, control } = this.#parts
    const work = workAt(batch, item)
    const undoable = this.#isolation.needsSavepoint(work) || batch.keys?.[item] !== undefined
    const savepoint = undoable && hasNeighbours
    try {
      if (savepoint) {
        control.setRunningItem(undefined)
        connection.prepareOwn('savepoint lockkeeper_item').run(undefined)
      }
      control.setRunningItem(item)
      const result = this.#runOnce(work, batch.keys?.[item])
      if (undoable) {
        control.setRunningItem(undefined)
        assertInTransaction(connection, nameOf(work))
      }
      sheet.set(item, result)
      if (savepoint) connection.prepareOwn('release lockkeeper_item').run(undefined)
      return false
    } catch (thrown) {
      control.setRunningItem(undefined)
      sheet.fail(item, thrown, 'execute')
      if (!connection.inTransaction) return true
      if (!undoable) {
        // A change that is interrupted ends its transaction. If it was the look at what it had changed, the change stands.
        if (sqliteCodeOf(thrown) === 'sqlite-interrupt') connection.prepareOwn('rollback').run(undefined)
      } else if (savepoint) {
        connection.prepareOwn('rollback to lockkeeper_item').run(undefined)
        connection.prepareOwn('release lockkeeper_item').run(undefined)
      } else {
        // Alone in its transaction it needed no savepoint, but what it did before it failed must not be committed.
        connection.prepareOwn('rollback').run(undefined)
      }
      return true
    }
  }

  /** A write whose key is stored already has run in an earlier transaction: it gets the result it had then. */
  #runOnce(work: WriteWork, key: string | undefined): ItemResult {
    if (key === undefined) return runItem(this.#parts, work)
    const { connection, keys } = this.#parts
    const recalled = keys.recall(key)
    if (recalled !== undefined) return recalled
    const result = runItem(this.#parts, work)
    // Outside its transaction the key would be stored at once, for a write that is not.
    assertInTransaction(connection, nameOf(work))
    keys.remember(key, result)
    return result
  }

  /** @returns what COMMIT threw, after rolling back what it left open. */
  #commit(batch: Batch, items: number, sheet: AnswerSheet): unknown {
    const { connection, records, files } = this.#parts
    try {
      files.assertSame('commit')
      records.write(batch.id, items, sheet.failedBefore(items))
      connection.prepareOwn('commit').run(undefined)
      sheet.committed(connection.signals?.touched())
      return undefined
    } catch (thrown) {
      this.#parts.jobs.forget()
      if (isIoError(thrown)) throw this.#unknown(thrown)
      if (connection.inTransaction) connection.prepareOwn('rollback').run(undefined)
      return thrown
    }
  }

  /**
   * A COMMIT that met an I/O error may have reached the disk or not, and this connection can't tell. It is given up and its
   * thread with it: the next one opens the file afresh and finds the truth in the commit record.
   */
  #unknown(thrown: unknown): unknown {
    try {
      this.#parts.connection.close()
    } catch {
      // The thread ends now; whatever the connection still holds goes with it.
    }
    return thrown
  }

  /**
   * The same items again, each alone, but for the one that is known to have ended the transaction. They get a slice of their
   * own: on what is left of the batch's they would come back one at a time, each time behind another lost batch.
   * @returns how many have an answer, from the first on: when that slice is over, when somebody more urgent waits, or when
   * another process takes the lock in between, the rest goes back to its lane.
   */
  #runSingly(batch: Batch, items: number, lostTo: number | undefined, sheet: AnswerSheet): number {
    const { connection, control, jobs } = this.#parts
    jobs.forget()
    const endAt = performance.now() + batch.sliceMs
    for (let item = 0; item < items; item++) {
      if (item === lostTo) continue
      if (item > 0 && (control.yieldWanted || performance.now() >= endAt)) return item
      sheet.clear(item)
      const refused = this.#begin(sheet)
      if (refused !== undefined) {
        if (isBusy(refused.code)) return item
        sheet.fail(item, refused, 'begin')
        continue
      }
      const startedAt = performance.now()
      this.#runOne(batch, item, false, sheet)
      control.setRunningItem(undefined)
      sheet.took(item, performance.now() - startedAt)
      if (!connection.inTransaction) continue
      const thrown = this.#commit(batch, item + 1, sheet)
      if (thrown !== undefined) sheet.failAsWell(item, thrown, 'commit')
    }
    return items
  }
}

const nameOf = (work: WriteWork): string =>
  work.kind === 'procedure' ? `The procedure ${work.name}` : 'The write'

function isIoError(thrown: unknown): boolean {
  return sqliteCodeOf(thrown)?.startsWith('sqlite-ioerr') ?? false
}
