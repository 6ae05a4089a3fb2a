import { writeFileSync } from 'node:fs'
import { type Database, formatReport, type Report } from '@lockkeeper/core'

/** Which of the two an example shows: the trouble, or the same app after the change. */
export const isMended = process.argv[2] === 'mended'

/** Prints the report of a database, and saves it for the doctor. */
export function tell(db: Pick<Database, 'report'>, story: string): void {
  const report: Report = db.report()
  writeFileSync(`${story}-${isMended ? 'mended' : 'trouble'}.json`, JSON.stringify(report))
  console.log(formatReport(report))
}
