// Opens files with fs, which a live database must never be: a report is read before any database is opened, and closed by then.
import { closeSync, openSync, readSync } from 'node:fs'
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
    return bytesOf(file, handle).toString('utf8')
  } catch (error) {
    if (error instanceof RefusedError) throw error
    throw new RefusedError(`cannot read the report ${file}: ${whyNot(error as NodeJS.ErrnoException)}`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** Counts as it reads: a pipe or a device says nothing of its length. */
function bytesOf(file: string, handle: number): Buffer {
  const chunks: Buffer[] = []
  for (let bytes = 0; bytes <= reportBytesMax; ) {
    const chunk = Buffer.allocUnsafe(1_048_576)
    const read = readSync(handle, chunk)
    if (read === 0) return Buffer.concat(chunks)
    bytes += read
    chunks.push(chunk.subarray(0, read))
  }
  throw new RefusedError(`${file} is too long for a report: ${reportBytesMax} bytes at most are read`)
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'no rights to read it',
  }
  return known[code ?? ''] ?? message
}
