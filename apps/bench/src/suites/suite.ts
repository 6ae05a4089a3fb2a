import type { Pace } from '../limits.ts'
import type { Medians } from '../statistics/rows.ts'
import type { Trial } from '../trials/trial.ts'

/** Who is measured. It is loaded in its trial's process only, so that no process ever holds two copies of SQLite. */
export interface Subject {
  readonly name: string
  /** Instead of its case's, and no more than that: for who is only shown beside the others. */
  readonly roundsFactor?: number
  load(): Promise<Trial>
}

/** Subjects that do the same work. */
export interface Case {
  readonly name: string
  readonly subjects: readonly Subject[]
  /**
   * So many times the pace's rounds, rounded up; 1 unless said. More where the difference looked for is small beside the noise,
   * less where a round takes minutes.
   */
  readonly roundsFactor?: number
}

/** How two subjects compare, beside what is wanted. */
export interface Ratio {
  readonly name: string
  readonly meaning: string
  /** The least that is wanted. Missing it is shown and changes nothing else. */
  readonly goal: number
  of(median: Medians): number
}

/** What a single figure should stay below. */
export interface Aim {
  readonly subject: string
  readonly metric: string
  readonly below: number
  /** What is shown beside it: where the bound comes from. */
  readonly beside?: string
}

/** Where and for whom a suite prepares what its trials share. */
export interface Preparation {
  /** An empty folder that is there as long as the suite runs: the `sharedFolder` of its trials. */
  readonly folder: string
  /** The names of the cases that will be run. */
  readonly cases: readonly string[]
  readonly pace: Pace
  readonly signal: AbortSignal
}

export interface Suite {
  readonly name: string
  readonly cases: readonly Case[]
  readonly ratios: readonly Ratio[]
  readonly aims: readonly Aim[]
  /** Why it can't run here, in one line; undefined if it can. Asked before anything is measured. */
  obstacle?(): Promise<string | undefined>
  /** Makes what all its trials share, once, before the first of them; in a process of its own where that takes SQLite. */
  prepare?(preparation: Preparation): Promise<void>
}
