import { addedMicrosMax, addedMicrosMin, ledgerMebibytesMax } from '../../limits-telemetry.ts'
import type { Aim, Ratio } from '../suite.ts'
import { names } from './cases.ts'

export const ratios: readonly Ratio[] = [
  {
    name: 'overhead',
    goal: 1,
    meaning: `${addedMicrosMax} µs ÷ CPU time added per write, 64 callers, telemetry on ÷ off`,
    of: (median) => ratioOf(median('writes_64', names.telemetry, 'added')),
  },
  {
    name: 'overhead_serial',
    goal: 1,
    meaning: 'the same with one caller, who has a batch for each write',
    of: (median) => ratioOf(median('writes_1', names.telemetry, 'added')),
  },
  {
    name: 'overhead_profiles',
    goal: 1,
    meaning: '64 callers, telemetry and the signals extension with its statement profiles on ÷ off',
    of: (median) => ratioOf(median('writes_64', names.withExtension, 'added')),
  },
]

export const aims: readonly Aim[] = (['few', 'many'] as const).map((labels) => ({
  subject: names[labels],
  metric: 'ledger',
  below: ledgerMebibytesMax[labels],
}))

/** What is added can come out at nothing, or below it, where the noise is larger. */
function ratioOf(addedMicros: number): number {
  return addedMicrosMax / Math.max(addedMicros, addedMicrosMin)
}
