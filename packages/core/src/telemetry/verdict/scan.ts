import type { SlowEntry } from '../ledger-report.ts'
import type { Report, StatementReport } from '../report.ts'
import { severityOfWait } from './blame.ts'
import type { Severity, WeighedFinding } from './finding.ts'
import { adviseIndex, type IndexAdvice, readsWholeTables } from './index-advice.ts'
import * as limits from './thresholds.ts'
import { countOf, durationOf, listOf, many, named, ratioOf } from './words.ts'

/** Statements that read whole tables: by SQLite's own counts where the signals extension gives them, else by the slow log's plans. */
export function scans(report: Report): WeighedFinding[] {
  const slow = bySql(report.ledger?.slow ?? [])
  const counted = report.statements.filter(({ sql }) => isTheirs(sql))
  const known = new Set(counted.map(({ sql }) => sql))
  return [
    ...counted.filter(scansMuch).map((statement) => fromCounts(statement, slow.get(statement.sql) ?? [])),
    ...[...slow].flatMap(([sql, entries]) =>
      known.has(sql) || !isTheirs(sql) ? [] : fromPlans(sql, entries),
    ),
  ]
}

/** Not the rest past the bound of statements, nor Lockkeeper's own. */
function isTheirs(sql: string): boolean {
  return sql !== 'other' && !sql.includes('lockkeeper_')
}

function scansMuch({ runs, totalMs, longestMs, scanSteps }: StatementReport): boolean {
  const isSlow =
    (runs >= limits.samplesMin && ratioOf(totalMs, runs) >= limits.scanRunMsMin) ||
    longestMs >= limits.scanLongMs
  return isSlow && totalMs >= limits.scanTotalMsMin && ratioOf(scanSteps, runs) >= limits.scanStepsMin
}

function fromCounts(statement: StatementReport, slow: readonly SlowEntry[]): WeighedFinding {
  const { sql, on, runs, totalMs, longestMs, scanSteps, sorts, autoIndexes } = statement
  const rows = countOf(ratioOf(scanSteps, runs))
  const plan = planOf(slow)
  const advice = adviseIndex(sql, plan)
  const evidence = [
    `${many(runs, 'run')} on a ${on} took ${durationOf(totalMs)}, the longest ${durationOf(longestMs)}`,
    `each steps over ${rows} rows of whole tables${sorts > 0 ? `; ${many(sorts, 'sort')}` : ''}${autoIndexes > 0 ? `; ${many(autoIndexes, 'row')} put into indexes made for one run` : ''}`,
    ...planEvidence(plan),
    inShort(sql),
  ]
  const averageMs = Math.max(ratioOf(totalMs, runs), runs < limits.samplesMin ? longestMs : 0)
  return {
    kind: 'scan',
    subject: sql,
    headline: `This ${on === 'writer' ? 'statement, while it holds the lock,' : 'query'} reads ${rows} rows${tableIn(advice)} each time`,
    evidence,
    remedy: remedyFor(advice),
    severity: severityOf(on, averageMs),
    weight: totalMs,
  }
}

function fromPlans(sql: string, entries: readonly SlowEntry[]): WeighedFinding[] {
  const plan = planOf(entries)
  if (plan === undefined || !readsWholeTables(plan) || entries.length < limits.slowScansMin) return []
  const [entry] = entries
  const longestMs = entries.reduce((longest, { runMs }) => Math.max(longest, runMs), 0)
  const totalMs = entries.reduce((all, { runMs }) => all + runMs, 0)
  if (entry === undefined || totalMs < limits.slowScansMin * limits.longHoldMs) return []
  const advice = adviseIndex(sql, plan)
  return [
    {
      kind: 'scan',
      subject: sql,
      headline: `This ${entry.kind === 'write' ? 'statement' : 'query'} of ${named(entry.label)} reads all rows${tableIn(advice)} each time`,
      evidence: [
        `it was slow ${many(entries.length, 'time')}, ${durationOf(totalMs)} in all, the longest ${durationOf(longestMs)}`,
        ...planEvidence(plan),
        inShort(sql),
      ],
      remedy: remedyFor(advice),
      severity: severityOf(entry.kind === 'write' ? 'writer' : 'reader', ratioOf(totalMs, entries.length)),
      weight: totalMs,
    },
  ]
}

function severityOf(on: StatementReport['on'], ms: number): Severity {
  const severity = severityOfWait('user', ms)
  return on === 'writer' && severity === 'low' && ms >= limits.longHoldMs ? 'medium' : severity
}

function tableIn({ table }: IndexAdvice): string {
  return table === undefined ? '' : ` of ${named(table)}`
}

function remedyFor({ table, columns, otherwise }: IndexAdvice): string {
  if (table === undefined || columns.length === 0) return otherwise
  const name = `${[table, 'by', ...columns].join('_').replaceAll(/[^\w]+/g, '_')}`
  return `Make an index on ${listOf(columns)} of ${named(table)}, in a migration: \`create index ${name} on ${quoted(table)} (${columns.map(quoted).join(', ')})\`. If there is one, SQLite does not use it: run \`db.optimize()\`, and look at \`explain query plan\`.`
}

/** As SQL takes it: quoted where it is no plain name. */
function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function planOf(entries: readonly SlowEntry[]): readonly string[] | undefined {
  return entries.findLast(({ plan }) => plan !== undefined && plan.length > 0)?.plan
}

function planEvidence(plan: readonly string[] | undefined): string[] {
  return plan === undefined ? [] : [`its plan: ${plan.join('; ')}`]
}

/** A statement can be as long as a page; its beginning tells which one it is. */
function inShort(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

function bySql(entries: readonly SlowEntry[]): Map<string, SlowEntry[]> {
  const groups = new Map<string, SlowEntry[]>()
  for (const entry of entries) {
    if (entry.sql === undefined || entry.kind === 'begin') continue
    groups.set(entry.sql, [...(groups.get(entry.sql) ?? []), entry])
  }
  return groups
}
