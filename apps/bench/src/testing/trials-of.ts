import { readdirSync } from 'node:fs'
import { expect } from 'vitest'
import type { Pace } from '../limits.ts'
import { rowsOf } from '../statistics/rows.ts'
import type { Suite } from '../suites/suite.ts'
import { runSuite } from '../trials/run-suite.ts'
import { tinyPace } from './tiny-pace.ts'

export interface TrialsOf {
  readonly suite: Suite
  readonly inCase: string
  /** All of them unless said. */
  readonly subjects?: readonly string[]
  /** Where the trials have their folders. */
  readonly folder: string
  readonly pace?: Partial<Pace>
}

/**
 * Runs some trials of a suite, once each, and expects that none fails and none leaves a file behind.
 * @returns the figures, by `subject, metric`.
 */
export async function figuresOf({
  suite,
  inCase,
  subjects,
  folder,
  pace,
}: TrialsOf): Promise<Record<string, number>> {
  const cases = suite.cases
    .filter(({ name }) => name === inCase)
    .map((one) => ({
      ...one,
      subjects: one.subjects.filter(({ name }) => subjects?.includes(name) ?? true),
    }))
  const { signal } = new AbortController()
  const surroundings = { pace: { ...tinyPace, ...pace }, dataFolder: folder, signal }
  const { samples, failures } = await runSuite({ ...suite, cases }, surroundings, () => {})
  expect(failures).toEqual([])
  expect(readdirSync(folder)).toEqual([])
  return Object.fromEntries(
    rowsOf(samples).map(({ subject, metric, median }) => [`${subject}, ${metric}`, median]),
  )
}
