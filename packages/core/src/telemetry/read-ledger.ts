import type { Clock } from '../clock.ts'
import type { PendingRead } from '../readers/pending-read.ts'
import type { ReadClass } from '../readers/read-class.ts'
import { Histogram } from './histogram.ts'
import { LabelRows } from './label-rows.ts'
import type { ReadLabelReport } from './ledger-report.ts'
import type { SlowLog } from './slow-log.ts'

/** The account of the reads of one label and class. */
export class ReadRow {
  readonly label: string
  readonly class: ReadClass
  answered = 0
  failed = 0
  rows = 0
  readonly wait = new Histogram()
  readonly run = new Histogram()

  constructor(label: string, to: ReadClass) {
    this.label = label
    this.class = to
  }

  get bytes(): number {
    return this.wait.bytes + this.run.bytes
  }

  report(): ReadLabelReport {
    const { label, answered, failed, rows } = this
    const [wait, run] = [this.wait.toJSON(), this.run.toJSON()]
    return { label, class: this.class, answered, failed, wait, run, rows }
  }
}

/** What the ledger is told of a snapshot or a stream. */
export interface Lent {
  readonly label: string | undefined
  readonly enteredAtMs: number
  /** 0 until it has got its reader. */
  readonly lentAtMs: number
}

/** Accounts for reads: the readers' desk tells of each, and of what its run came to. */
export class ReadLedger {
  readonly #clock: Pick<Clock, 'now'>
  readonly #slow: SlowLog
  readonly #rows = new LabelRows<ReadClass, ReadRow>((label, to) => new ReadRow(label, to))

  constructor(clock: Pick<Clock, 'now'>, slow: SlowLog) {
    this.#clock = clock
    this.#slow = slow
  }

  entered(read: PendingRead, to: ReadClass): void {
    if (!read.isOwn) read.row = this.#rows.of(read.label, to)
  }

  /** Its caller is told how it ended: a run that goes on after that is told of when it is over. */
  ended({ row, postedAtMs, enteredAtMs }: PendingRead, how: 'answered' | 'failed'): void {
    if (row === undefined) return
    row[how]++
    row.wait.record((postedAtMs ?? this.#clock.now()) - enteredAtMs)
  }

  /** A reader is through with it. */
  ran(read: PendingRead, runMs: number, rows: number): void {
    const { row } = read
    if (row === undefined) return
    row.run.record(runMs)
    row.rows += rows
    if (runMs <= this.#slow.slowMs) return
    const waitMs = Math.max(0, (read.postedAtMs ?? read.enteredAtMs) - read.enteredAtMs)
    this.#slow.read(read, row.class, { waitMs, runMs, rows })
  }

  /** A snapshot or a stream is over: a read that ran for as long as it had its reader. */
  gaveBack({ label, enteredAtMs, lentAtMs }: Lent, to: ReadClass): void {
    const row = this.#rows.of(label, to)
    const nowMs = this.#clock.now()
    const hadReader = lentAtMs > 0
    row[hadReader ? 'answered' : 'failed']++
    row.wait.record((hadReader ? lentAtMs : nowMs) - enteredAtMs)
    if (hadReader) row.run.record(nowMs - lentAtMs)
  }

  /** Those that ran longest, first. */
  report(): ReadLabelReport[] {
    return this.#rows.all
      .toSorted((one, other) => other.run.totalMs - one.run.totalMs)
      .map((row) => row.report())
  }

  get bytes(): number {
    return this.#rows.all.reduce((sum, row) => sum + row.bytes, 0)
  }
}
