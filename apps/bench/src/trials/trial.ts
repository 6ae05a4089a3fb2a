import type { Pace } from '../limits.ts'

export type Unit =
  | 'writes/s'
  | 'rows/s'
  | 'reads/s'
  | 'transactions/s'
  | 'blobs/s'
  | 'count'
  | 'ms'
  | 'µs'
  | 'ns'
  | 'bytes'
  | 'MiB'
  | '%'

export interface Measurement {
  readonly value: number
  readonly unit: Unit
}

/** What a trial measured, by the metric's name. */
export type Measurements = Readonly<Record<string, Measurement>>

export interface TrialSettings {
  /** An empty folder on a real disk, the trial's own. */
  readonly folder: string
  readonly pace: Pace
  /** What the suite has prepared for all its trials, if it prepares anything. */
  readonly sharedFolder: string
}

/**
 * One run of one subject, in a process of its own. It checks that what it claims to have written is there, and leaves
 * nothing running.
 */
export type Trial = (settings: TrialSettings) => Promise<Measurements>
