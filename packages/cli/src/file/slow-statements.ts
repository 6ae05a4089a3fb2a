import type { Report } from '@lockkeeper/core'
import { scanStepsMin } from '../limits.ts'

/**
 * The statements of a report that are worth planning: those of the slow log, and of the profile those that step through a thousand
 * rows of whole tables in each run, or make an index for one. Each once, and none of Lockkeeper's own.
 */
export function slowStatements({ ledger, statements }: Report): string[] {
  const slow = (ledger?.slow ?? []).flatMap(({ kind, sql }) =>
    kind === 'begin' || sql === undefined ? [] : [sql],
  )
  const scanning = statements
    .filter(({ runs, scanSteps, autoIndexes }) => scanSteps >= scanStepsMin * runs || autoIndexes > 0)
    .map(({ sql }) => sql)
  return [...new Set([...scanning, ...slow])].filter((sql) => sql !== 'other' && !sql.includes('lockkeeper_'))
}
