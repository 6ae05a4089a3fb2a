// Opens files with fs, which a live database must never be: a report is read before any database is opened, and closed by then.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Report } from '@lockkeeper/core'
import { RefusedError } from '../command/refused-error.ts'
import { reportBytesMax } from '../limits.ts'
import { parseReport } from './parse-report.ts'

/** Reads a saved report. @throws RefusedError */
export function readReportFile(file: string): Report {
  return parseReport(textOf(file), file)
}

function textOf(file: string): string {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    const { size } = fstatSync(handle)
    if (size > reportBytesMax)
      throw new RefusedError(
        `${file} is too long for a report: ${size} bytes, and ${reportBytesMax} are read`,
      )
    return readFileSync(handle, 'utf8')
  } catch (error) {
    if (error instanceof RefusedError) throw error
    throw new RefusedError(`cannot read the report ${file}: ${whyNot(error as NodeJS.ErrnoException)}`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'no rights to read it',
  }
  return known[code ?? ''] ?? message
}
