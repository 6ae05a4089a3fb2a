import type { Measurements } from '../../trials/trial.ts'

/** What of a report is asked for; its `wal` is missing where no governor is at work. */
export interface Governed {
  readonly file: string
  readonly wal?:
    | {
        readonly copies: number
        readonly finishes: number
        readonly finishMsMax: number
        readonly gaps: number
      }
    | undefined
}

/** How the governor has kept the log small: nothing where it has not. */
export function governorCounts({ wal }: Governed): Measurements {
  if (wal === undefined) return {}
  return {
    checkpoints: { value: wal.copies, unit: 'count' },
    finishes: { value: wal.finishes, unit: 'count' },
    finish_max: { value: wal.finishMsMax, unit: 'ms' },
    gaps: { value: wal.gaps, unit: 'count' },
  }
}
