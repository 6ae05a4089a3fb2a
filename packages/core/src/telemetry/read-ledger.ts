import type { Clock } from '../clock.ts'
import type { PendingRead } from '../readers/pending-read.ts'
import type { ReadClass } from '../readers/read-class.ts'
import { LeaseTracer, type Lent } from './channels/lease-tracer.ts'
import { ReadTracer } from './channels/read-tracer.ts'
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

/** Accounts for reads: the readers' desk tells of each, and of what its run came to. */
export class ReadLedger {
  readonly #clock: Pick<Clock, 'now'>
  readonly #slow: SlowLog
  readonly #database: string
  readonly #leases: LeaseTracer
  readonly #rows = new LabelRows<ReadClass, ReadRow>((label, to) => new ReadRow(label, to))

  /** @param database its file, for those who listen to the channels. */
  constructor(clock: Pick<Clock, 'now'>, slow: SlowLog, database: string) {
    this.#database = database
    this.#leases = new LeaseTracer(database)
    this.#clock = clock
    this.#slow = slow
  }

  entered(read: PendingRead, to: ReadClass): void {
    if (read.isOwn) return
    read.row = this.#rows.of(read.label, to)
    read.tracer = ReadTracer.start(read, to, this.#database, this.#clock)
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
    if (!read.settled) read.tracer?.ran(runMs, rows)
    if (runMs <= this.#slow.slowMs) return
    const waitMs = Math.max(0, (read.postedAtMs ?? read.enteredAtMs) - read.enteredAtMs)
    this.#slow.read(read, row.class, { waitMs, runMs, rows })
  }

  /** A snapshot or a stream asks for a reader: told to those who listen, inside the call. */
  asked(lent: Lent, to: ReadClass): void {
    this.#leases.asked(lent, to)
  }

  /** It is over: a read that ran for as long as it had its reader. */
  gaveBack(lent: Lent, to: ReadClass): void {
    const { label, enteredAtMs, lentAtMs } = lent
    const row = this.#rows.of(label, to)
    const nowMs = this.#clock.now()
    const hadReader = lentAtMs > 0
    row[hadReader ? 'answered' : 'failed']++
    row.wait.record((hadReader ? lentAtMs : nowMs) - enteredAtMs)
    if (hadReader) row.run.record(nowMs - lentAtMs)
    this.#leases.over(lent, nowMs)
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
