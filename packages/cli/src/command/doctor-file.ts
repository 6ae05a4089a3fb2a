import { realpathSync } from 'node:fs'
import { isLockkeeperError } from '@lockkeeper/core'
import { type FileInspection, type InspectOptions, inspectFile } from '@lockkeeper/core/doctor'
import { formatFile } from '../file/format-file.ts'
import { judgeFile } from '../file/judge-file.ts'
import { processesWith } from '../file/processes.ts'
import { slowStatements } from '../file/slow-statements.ts'
import { surroundingsOf } from '../file/surroundings.ts'
import { readReportFile } from '../report/report-file.ts'
import type { Request } from './command-line.ts'
import { RefusedError } from './refused-error.ts'
import type { Terminal } from './terminal.ts'

/** Looks at a database file, and plans a saved report's slow statements on it. */
export function doctorFile(request: Extract<Request, { kind: 'file' }>, terminal: Terminal): void {
  // First: the report is read with fs, and should it be the database by mistake, that must be closed before SQLite opens it.
  const statements = request.report === undefined ? [] : slowStatements(readReportFile(request.report))
  const inspection = looked(request.file, { statements, check: request.check })
  const surroundings = surroundingsOf(inspection.file)
  const findings = judgeFile(inspection, surroundings)
  if (request.json) terminal.out(`${JSON.stringify({ version: 1, findings, inspection, surroundings })}\n`)
  else
    terminal.out(
      `${formatFile({ inspection, surroundings, findings, hasReport: request.report !== undefined }, terminal)}\n`,
    )
}

/** @throws LockkeeperError; RefusedError naming who has the file, where somebody has locked all of it. */
function looked(file: string, options: InspectOptions): FileInspection {
  try {
    return inspectFile(file, options)
  } catch (error) {
    if (!isLockkeeperError(error) || !error.code.startsWith('sqlite-busy')) throw error
    const open = processesWith(realpathSync(file))
    const who = open.known ? open.processes.map(({ pid, command }) => `${pid} (${command})`).join(', ') : ''
    throw new RefusedError(
      `somebody has ${file} locked as a whole, so that nobody can read it${who === '' ? '' : `; it is open in ${who}`}: try again`,
    )
  }
}
