import type { Report } from './report.ts'
import { findingLines, hung } from './text/findings.ts'
import { liveLines, readLines, slowLines, walLines } from './text/read-sections.ts'
import { type Page, pageOf, type TextOptions } from './text/terminal.ts'
import { blockedLines, laneLines, writeLines } from './text/write-sections.ts'
import { diagnose } from './verdict/diagnose.ts'
import { durationOf, many } from './verdict/words.ts'

/**
 * A report as text for a terminal, the verdict first. No line is longer than `width`, 100 by default and 40 at least; colours only on
 * request. Control characters in labels and SQL are shown as dots, so that a report from elsewhere can be printed as it is.
 *
 * @example
 * console.log(formatReport(db.report(), { width: process.stdout.columns, color: process.stdout.isTTY }))
 */
export function formatReport(report: Report, options: TextOptions = {}): string {
  const page = pageOf(options)
  const { ledger } = report
  const sections = [
    headLines(report, page),
    findingLines(diagnose(report), page),
    laneLines(report, page),
    ...(ledger === undefined ? [] : [writeLines(ledger, page), blockedLines(ledger, page)]),
    readLines(report, page),
    walLines(report, page),
    liveLines(report, page),
    ...(ledger === undefined ? [] : [slowLines(ledger, page)]),
  ]
  return sections.map((lines) => lines.join('\n')).join('\n\n')
}

function headLines({ file, sqlite, states, restarts, ledger }: Report, page: Page): string[] {
  const kept =
    ledger === undefined
      ? 'no ledger: the option `telemetry` turns it off'
      : `kept for ${durationOf(ledger.ageMs)}`
  const lines = [
    `Lockkeeper report of ${file}, SQLite ${sqlite}, ${kept}`,
    `database ${states.database}, writer ${states.writer}, readers ${states.readers.join(', ') || 'none'}; restarts: ${many(restarts.writer, 'writer')}, ${many(restarts.readers, 'reader')}`,
  ]
  return lines.flatMap((line) => hung('', '  ', line, page))
}
