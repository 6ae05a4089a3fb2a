import type { FileInspection, StatementPlan } from '@lockkeeper/core/doctor'
import type { FileFinding } from './finding.ts'

/** Statements that read whole tables of this file, as SQLite would go about them now. */
export function judgeScans({ statements }: FileInspection): FileFinding[] {
  return statements.flatMap(scan)
}

function scan(planned: StatementPlan): FileFinding[] {
  if (planned.plan === undefined || planned.scan === undefined) return []
  const { table, columns, existing, remedy } = planned.scan
  const isMissing = columns.length > 0 && existing === undefined
  return [
    {
      kind: 'scan',
      subject: planned.sql,
      headline: `A slow statement reads all of ${table === undefined ? 'a table' : `\`${table}\``}${isMissing ? `: an index on ${columns.join(', ')} is missing` : ''}`,
      evidence: [planned.sql, `its plan: ${planned.plan.join('; ')}`],
      remedy: isMissing ? `In a migration: \`${remedy}\`` : remedy,
      severity: isMissing || existing !== undefined ? 'medium' : 'low',
    },
  ]
}
