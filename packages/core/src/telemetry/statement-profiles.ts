import { statementsProfiledMax, statementsReportedMax } from '../limits.ts'
import type { StatementReport } from './report.ts'

/** What a thread hands over from time to time: what its statements came to since it did so last. */
export type StatementCounts = Omit<StatementReport, 'on'>

/** The statements of all threads, added up by text. Bounded: past so many texts the rest is `other`. */
export class StatementProfiles {
  readonly #byKey = new Map<string, StatementReport>()

  add(on: StatementReport['on'], statements: readonly StatementCounts[]): void {
    for (const statement of statements) {
      const sql =
        this.#byKey.has(keyOf(on, statement.sql)) || this.#byKey.size < statementsProfiledMax
          ? statement.sql
          : 'other'
      const before = this.#byKey.get(keyOf(on, sql))
      this.#byKey.set(
        keyOf(on, sql),
        before === undefined ? { ...statement, sql, on } : sum(before, statement),
      )
    }
  }

  /** Those that took longest in all, first. */
  slowest(): StatementReport[] {
    return [...this.#byKey.values()]
      .sort((one, other) => other.totalMs - one.totalMs || other.vmSteps - one.vmSteps)
      .slice(0, statementsReportedMax)
  }
}

function keyOf(on: string, sql: string): string {
  return `${on} ${sql}`
}

function sum(before: StatementReport, more: StatementCounts): StatementReport {
  return {
    sql: before.sql,
    on: before.on,
    runs: before.runs + more.runs,
    totalMs: before.totalMs + more.totalMs,
    longestMs: Math.max(before.longestMs, more.longestMs),
    scanSteps: before.scanSteps + more.scanSteps,
    sorts: before.sorts + more.sorts,
    autoIndexes: before.autoIndexes + more.autoIndexes,
    vmSteps: before.vmSteps + more.vmSteps,
  }
}
