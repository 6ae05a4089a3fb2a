import { mkdir, rm } from 'node:fs/promises'
import { leftoverTries } from '../limits.ts'
import type { Sample } from '../statistics/rows.ts'
import type { Suite } from '../suites/suite.ts'
import { runTrial, sharedFolderIn, type TrialSurroundings } from './run-trial.ts'

export interface Failure {
  readonly case: string
  readonly subject: string
  readonly message: string
}

export interface SuiteRun {
  readonly samples: readonly Sample[]
  readonly failures: readonly Failure[]
}

/** Told before each trial, in words, for who watches. */
export type OnTrial = (trial: {
  readonly case: string
  readonly subject: string
  readonly round: number
  readonly done: number
  readonly total: number
}) => void

/**
 * Runs every case: its subjects take turns, A B A B, so that whatever else the machine does meets all of them. A trial that
 * fails is noted, and the others go on.
 */
export async function runSuite(
  suite: Suite,
  surroundings: TrialSurroundings,
  onTrial: OnTrial,
): Promise<SuiteRun> {
  await using _shared = await prepare(suite, surroundings)
  const samples: Sample[] = []
  const failures: Failure[] = []
  const order = trialsOf(suite, surroundings.pace.rounds)
  for (const [done, trial] of order.entries()) {
    onTrial({ ...trial, done, total: order.length })
    const { case: inCase, subject } = trial
    try {
      const measurements = await runTrial({ suite: suite.name, case: inCase, subject }, surroundings)
      samples.push({ case: inCase, subject, measurements })
    } catch (error) {
      surroundings.signal.throwIfAborted()
      failures.push({ case: inCase, subject, message: (error as Error).message })
    }
  }
  return { samples, failures }
}

/** What the suite’s trials share, until they are over. */
async function prepare(
  { prepare, cases }: Suite,
  { pace, dataFolder, signal }: TrialSurroundings,
): Promise<AsyncDisposableStack> {
  await using shared = new AsyncDisposableStack()
  if (prepare !== undefined) {
    const folder = sharedFolderIn(dataFolder)
    await mkdir(folder)
    shared.defer(() => rm(folder, { recursive: true, maxRetries: leftoverTries }))
    await prepare({ folder, cases: cases.map(({ name }) => name), pace, signal })
  }
  return shared.move()
}

/** Case by case, round by round, subject by subject. */
export function trialsOf(
  suite: Suite,
  rounds: number,
): { readonly case: string; readonly subject: string; readonly round: number }[] {
  return suite.cases.flatMap(({ name, subjects, roundsFactor = 1 }) =>
    Array.from({ length: Math.ceil(rounds * roundsFactor) }, (_, index) => index + 1).flatMap((round) =>
      subjects
        .filter((subject) => round <= Math.ceil(rounds * (subject.roundsFactor ?? roundsFactor)))
        .map((subject) => ({ case: name, subject: subject.name, round })),
    ),
  )
}
