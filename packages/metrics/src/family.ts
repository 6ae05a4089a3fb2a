import type { BlockedReport, Durations, Report } from '@lockkeeper/core'

/** Whatever has a report: a database, or what keeps one. */
export interface ReportSource {
  report(): Report
}

/** What a scrape sees of one database. */
export interface View {
  readonly report: Report
  /** The report's, with a bounded number of pairs. */
  readonly blocked: readonly BlockedReport[]
}

export type Labels = Readonly<Record<string, string>>

interface Named {
  /** By the conventions of https://prometheus.io/docs/practices/naming: base units last, `_total` for what only grows. */
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** One metric: how it is called, and what it shows of a report. Times in seconds. */
export type Family =
  | (Named & {
      readonly kind: 'counter' | 'gauge'
      readonly samples: (view: View) => readonly (readonly [Labels, number])[]
    })
  | (Named & {
      readonly kind: 'summary'
      readonly samples: (view: View) => readonly (readonly [Labels, Durations])[]
    })

export const seconds = (ms: number): number => ms / 1_000

/** What has one value for the whole database, or none. */
export const single = (value: number | undefined): readonly (readonly [Labels, number])[] =>
  value === undefined ? [] : [[{}, value]]
