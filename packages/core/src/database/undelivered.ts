import type { CloseReport } from './types.ts'

/** What an actor that held values back could not write. */
export interface Undelivered {
  readonly label: string
  readonly values: number
}

/** What is said of work that was held back and did not get through: by label, and nothing where there is none. */
export function valuesNotWritten(
  asked: readonly (() => Undelivered)[],
): Pick<CloseReport, 'valuesNotWritten'> {
  const byLabel: Record<string, number> = {}
  for (const ask of asked) {
    const { label, values } = ask()
    if (values > 0) byLabel[label] = (byLabel[label] ?? 0) + values
  }
  return Object.keys(byLabel).length === 0 ? {} : { valuesNotWritten: byLabel }
}
