import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Report } from './report.ts'
import { reportShape } from './report-shape.ts'
import { mismatch } from './shape.ts'

/**
 * Makes sure that what was read from a file or another machine has the shape of a report of version 1, so that `diagnose` and
 * `formatReport` can read it. Fields that this copy does not know may be there; whether the numbers make sense is not looked at.
 *
 * @example
 * const report: unknown = JSON.parse(await readFile('report.json', 'utf8'))
 * assertReport(report)
 * console.log(formatReport(report))
 *
 * @throws `invalid-report` naming the first field that is off, or the version if it is another one.
 */
export function assertReport(value: unknown): asserts value is Report {
  if (typeof value !== 'object' || value === null || !('version' in value))
    throw invalid('This is no report: it has no `version`. Save one with JSON.stringify(db.report()).')
  if (value.version !== 1)
    throw invalid(
      `This report has version ${inShort(value.version)}, and this copy of Lockkeeper reads version 1: use the copy that made it.`,
    )
  const wrong = mismatch(value, reportShape)
  if (wrong !== undefined)
    throw invalid(
      `This is no whole report: \`${wrong.at.slice(0, 200)}\` should be ${wrong.expected}. Save it again with JSON.stringify(db.report()).`,
    )
}

/** Versions are numbers; of anything else its kind is enough, since it can be as large and as odd as it likes. */
function inShort(version: unknown): string {
  return typeof version === 'number' ? String(version) : `of type ${typeof version}`
}

function invalid(message: string): LockkeeperError {
  return new LockkeeperError(message, { code: 'invalid-report', stage: 'read' })
}
