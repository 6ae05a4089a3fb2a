import { index } from './index/suite.ts'
import { peers } from './peers/suite.ts'
import { reads } from './reads/suite.ts'
import { shares } from './shares/suite.ts'
import { signals } from './signals/suite.ts'
import type { Case, Subject, Suite } from './suite.ts'
import { telemetry } from './telemetry/suite.ts'
import { wal } from './wal/suite.ts'
import { writes } from './writes/suite.ts'

export const suites: readonly Suite[] = [writes, signals, reads, wal, shares, peers, index, telemetry]

/** Which subject a trial runs, by names: what crosses to its process. */
export interface TrialName {
  readonly suite: string
  readonly case: string
  readonly subject: string
}

export function suiteNamed(name: string): Suite | undefined {
  return suites.find((suite) => suite.name === name)
}

/** @throws Error for names that no suite has. */
export function subjectNamed(name: TrialName): Subject {
  const { cases = [] } = suiteNamed(name.suite) ?? {}
  const { subjects = [] }: Partial<Case> = cases.find((one) => one.name === name.case) ?? {}
  const subject = subjects.find((one) => one.name === name.subject)
  if (subject === undefined) throw new Error(`There is no trial ${JSON.stringify(name)}`)
  return subject
}
