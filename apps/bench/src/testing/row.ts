import type { Row } from '../statistics/rows.ts'

/** A row of figures whose trials all came out alike. */
export const row = (
  inCase: string,
  subject: string,
  metric: string,
  unit: Row['unit'],
  median: number,
): Row => ({ case: inCase, subject, metric, unit, median, min: median, max: median })
