/** Which steps fail, and how: decided by the test, asked by a stand-in that wraps the real thing. */
export interface FaultPolicy<Step extends string> {
  /** The next so many times that the step is met, it fails with what `fault` makes. */
  failNext(step: Step, times: number, fault: () => Error): void
  /** No step is due to fail any more. */
  heal(): void
  /** Throws if the step is due to fail; counts that it was met. */
  meet(step: Step): void
  /** How often the step was met so far. */
  met(step: Step): number
}

/**
 * Faults by step: "fail the next n".
 *
 * @example
 * const faults = faultPolicy<'begin' | 'commit'>()
 * faults.failNext('commit', 1, () => sqliteFault('SQLITE_IOERR_FSYNC'))
 */
export function faultPolicy<Step extends string>(): FaultPolicy<Step> {
  const due = new Map<Step, (() => Error)[]>()
  const met = new Map<Step, number>()
  return {
    failNext: (step, times, fault) => {
      due.set(step, [...(due.get(step) ?? []), ...Array.from({ length: times }, () => fault)])
    },
    heal: () => due.clear(),
    meet: (step) => {
      met.set(step, (met.get(step) ?? 0) + 1)
      const fault = due.get(step)?.shift()
      if (fault !== undefined) throw fault()
    },
    met: (step) => met.get(step) ?? 0,
  }
}

/** An error as better-sqlite3 throws it, with one of SQLite's extended result codes. */
export function sqliteFault(code: `SQLITE_${string}`, message = `injected ${code}`): Error {
  return Object.assign(new Error(message), { name: 'SqliteError', code })
}
