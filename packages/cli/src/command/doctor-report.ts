import { diagnose, formatReport, type Report } from '@lockkeeper/core'
import { readReportFile } from '../report/report-file.ts'
import type { Request } from './command-line.ts'
import type { Terminal } from './terminal.ts'

/** The verdict on a saved report. */
export function doctorReport(
  { report, json }: Extract<Request, { kind: 'report' }>,
  terminal: Terminal,
): void {
  terminal.out(json ? jsonOf(readReportFile(report)) : `${formatReport(readReportFile(report), terminal)}\n`)
}

/** One line, so that a program can read look by look. */
export function jsonOf(report: Report): string {
  return `${JSON.stringify({ version: 1, findings: diagnose(report) })}\n`
}
