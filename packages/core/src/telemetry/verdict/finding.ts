/** What is wrong. `docs/verdict.md` says of each what it goes by. */
export type FindingKind =
  | 'holder'
  | 'victim'
  | 'amplifier'
  | 'storm'
  | 'pinning-reader'
  | 'checkpoint-pressure'
  | 'neighbour'
  | 'read-pool'
  | 'scan'
  | 'event-loop'

/** `high`: people wait for seconds, or work is lost. `medium`: they notice. `low`: it is worth knowing. */
export type Severity = 'high' | 'medium' | 'low'

/** One thing that is wrong, in plain words. */
export interface Finding {
  readonly kind: FindingKind
  /** The label, lane, class of readers, process or statement that it is about. */
  readonly subject: string
  readonly headline: string
  /** What the report says to that, with its numbers. Never empty. */
  readonly evidence: readonly string[]
  /** What to change. */
  readonly remedy: string
  readonly severity: Severity
}

/** A finding, and what orders those of one kind and severity: mostly the milliseconds that it cost somebody. */
export interface WeighedFinding extends Finding {
  readonly weight: number
}
