import { inspectFile } from '@lockkeeper/core/doctor'
import { formatFile } from '../file/format-file.ts'
import { judgeFile } from '../file/judge-file.ts'
import { slowStatements } from '../file/slow-statements.ts'
import { surroundingsOf } from '../file/surroundings.ts'
import { readReportFile } from '../report/report-file.ts'
import type { Request } from './command-line.ts'
import type { Terminal } from './terminal.ts'

/** Looks at a database file, and plans a saved report's slow statements on it. */
export function doctorFile(request: Extract<Request, { kind: 'file' }>, terminal: Terminal): void {
  // First: the report is read with fs, and should it be the database by mistake, that must be closed before SQLite opens it.
  const statements = request.report === undefined ? [] : slowStatements(readReportFile(request.report))
  const inspection = inspectFile(request.file, { statements, check: request.check })
  const surroundings = surroundingsOf(inspection.file)
  const findings = judgeFile(inspection, surroundings)
  if (request.json) terminal.out(`${JSON.stringify({ version: 1, findings, inspection, surroundings })}\n`)
  else terminal.out(`${formatFile(inspection, surroundings, findings, terminal)}\n`)
}
