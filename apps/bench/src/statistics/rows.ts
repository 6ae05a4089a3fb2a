import type { Measurements, Unit } from '../trials/trial.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** What one trial of one subject measured. */
export interface Sample {
  readonly case: string
  readonly subject: string
  readonly measurements: Measurements
}

/** One metric of one subject, over all its trials. */
export interface Row extends Spread {
  readonly case: string
  readonly subject: string
  readonly metric: string
  readonly unit: Unit
}

/** Rows in the order in which cases, subjects and metrics were first met. */
export function rowsOf(samples: readonly Sample[]): Row[] {
  const groups = new Map<string, { head: Omit<Row, keyof Spread>; values: number[] }>()
  for (const { case: name, subject, measurements } of samples) {
    for (const [metric, { value, unit }] of Object.entries(measurements)) {
      const key = JSON.stringify([name, subject, metric])
      const group = groups.get(key) ?? { head: { case: name, subject, metric, unit }, values: [] }
      if (group.head.unit !== unit) throw new Error(`${key} came in ${group.head.unit} and in ${unit}`)
      group.values.push(value)
      groups.set(key, group)
    }
  }
  return [...groups.values()].map(({ head, values }) => ({ ...head, ...spreadOf(values) }))
}

/** The median of a metric; not a number where no trial gave one, so that whatever rests on it is none either. */
export type Medians = (inCase: string, subject: string, metric: string) => number

export function mediansOf(rows: readonly Row[]): Medians {
  return (inCase, subject, metric) =>
    rows.find((row) => row.case === inCase && row.subject === subject && row.metric === metric)?.median ??
    Number.NaN
}
