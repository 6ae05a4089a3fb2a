import type { Outcome, Stage } from '../errors/codes.ts'
import { errorFromThrown, sqliteCodeOf } from '../errors/from-sqlite.ts'
import type { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import { faultOf, isFailedSync, isFinalFault } from '../supervision/faults.ts'
import type { Batch, BatchAnswers, ItemAnswer } from './batch.ts'
import type { BusyCounts } from './begin.ts'
import { LockTimes } from './lock-times.ts'
import type { ItemResult } from './run-item.ts'

/** The answers of a batch while it runs. */
export class AnswerSheet {
  readonly busy: BusyCounts = {}
  readonly lock = new LockTimes()
  commits = 0
  /** A fault of the file or the disk that an item met: the first, or one that forbids to write on. */
  fault: LockkeeperError | undefined
  readonly #overstays: (readonly [number, number])[] = []
  readonly #batch: Batch
  /** Whether this connection tells which tables are touched. */
  readonly #knowsTables: boolean
  readonly #numbers: Float64Array
  readonly #times: Float64Array
  readonly #others = new Map<number, ItemAnswer>()
  readonly #touched = new Set<string>()

  constructor(batch: Batch, knowsTables: boolean) {
    this.#batch = batch
    this.#knowsTables = knowsTables
    const items = batch.payloads.length
    // In one buffer, which is handed over once.
    const buffer = new ArrayBuffer(items * 3 * Float64Array.BYTES_PER_ELEMENT)
    this.#numbers = new Float64Array(buffer, 0, items * 2)
    this.#times = new Float64Array(buffer, items * 2 * Float64Array.BYTES_PER_ELEMENT, items)
  }

  set(item: number, { changes, answer }: ItemResult): void {
    if (changes !== undefined) {
      this.#numbers[item * 2] = changes.changes
      this.#numbers[item * 2 + 1] = Number(changes.lastInsertRowid)
    }
    if (answer !== undefined) this.#others.set(item, answer)
  }

  fail(item: number, thrown: unknown, stage: Stage): void {
    const error = errorFromThrown(thrown, { stage, outcome: outcomeOf(thrown, stage) })
    if (faultOf(error.code) !== undefined && (this.fault === undefined || forbidsWriting(error)))
      this.fault = error
    this.#others.set(item, { kind: 'error', error: errorToWire(error) })
  }

  /** Fails every item that has not failed by itself already. */
  failAll(items: number, thrown: unknown, stage: Stage): void {
    for (let item = 0; item < items; item++) this.failAsWell(item, thrown, stage)
  }

  /** Fails an item unless it has failed by itself already: its own reason is the one to tell. */
  failAsWell(item: number, thrown: unknown, stage: Stage): void {
    if (this.#others.get(item)?.kind !== 'error') this.fail(item, thrown, stage)
  }

  /** An item has run for so long; once more, if its batch was lost. */
  took(item: number, ms: number): void {
    this.#times[item] = (this.#times[item] as number) + ms
  }

  /** An item is indivisible, so one that outlasts the slice can only be told of. */
  overstayed(item: number, ms: number): void {
    this.#overstays.push([item, ms])
  }

  /** A transaction of the batch was committed, having touched these tables. */
  committed(tables: readonly string[] | undefined): void {
    this.commits++
    for (const table of tables ?? []) this.#touched.add(table)
  }

  clear(item: number): void {
    this.#others.delete(item)
  }

  failedBefore(items: number): number[] {
    const failed: number[] = []
    for (const [item, answer] of this.#others) if (item < items && answer.kind === 'error') failed.push(item)
    return failed
  }

  contended(error: LockkeeperError): BatchAnswers {
    return { ...this.finish(0), contended: errorToWire(error) }
  }

  /** @param halted why the writer can't go on, if so. */
  finish(answered: number, halted?: LockkeeperError): BatchAnswers {
    return {
      id: this.#batch.id,
      answered,
      numbers: this.#numbers,
      times: this.#times,
      waitedMs: this.lock.waitedMs,
      heldMs: this.lock.heldMs,
      others: [...this.#others],
      commits: this.commits,
      touched: this.#knowsTables ? [...this.#touched] : undefined,
      busy: this.busy,
      overstays: this.#overstays,
      contended: undefined,
      halted: halted === undefined ? undefined : errorToWire(halted),
    }
  }
}

/** Whether there is no point in trying whether a commit succeeds: it must not be tried. */
export const forbidsWriting = (error: LockkeeperError): boolean =>
  isFinalFault(error) || isFailedSync(error.code)

/** A COMMIT that met an I/O error may yet be found whole after recovery; whatever else failed is not stored. */
function outcomeOf(thrown: unknown, stage: Stage): Outcome {
  return stage === 'commit' && sqliteCodeOf(thrown)?.startsWith('sqlite-ioerr') ? 'unknown' : 'not-stored'
}
