import type { Report } from '@lockkeeper/core'

/**
 * The statements of a report that are worth planning: those of the slow log, and of the profile those that stepped through whole
 * tables. Each once, and none of Lockkeeper's own.
 */
export function slowStatements({ ledger, statements }: Report): string[] {
  const slow = (ledger?.slow ?? []).flatMap(({ kind, sql }) =>
    kind === 'begin' || sql === undefined ? [] : [sql],
  )
  const scanning = statements
    .filter(({ sql, scanSteps, autoIndexes }) => sql !== 'other' && scanSteps + autoIndexes > 0)
    .map(({ sql }) => sql)
  return [...new Set([...scanning, ...slow])].filter((sql) => !sql.includes('lockkeeper_'))
}
