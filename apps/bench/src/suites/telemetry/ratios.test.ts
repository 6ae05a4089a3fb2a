import { describe, expect, it } from 'vitest'
import { addedMicrosMin } from '../../limits-telemetry.ts'
import type { Machine } from '../../machine/machine.ts'
import { outcomeOf } from '../../report/outcome.ts'
import type { Row } from '../../statistics/rows.ts'
import { telemetry } from './suite.ts'

const machine: Machine = { node: '24.0.0', sqlite: '3.54.0', cpus: 2, fileSystem: 'ext4', fsyncMs: 0.2 }

const added = (inCase: string, subject: string, median: number): Row => ({
  case: inCase,
  subject,
  metric: 'added',
  unit: 'µs',
  median,
  min: median,
  max: median,
})

describe('the ratios of the telemetry suite', () => {
  it('divide what a write may cost more by what it does, so that more is better', () => {
    const { ratios } = outcomeOf(telemetry, machine, [
      added('writes_64', 'telemetry', 0.3),
      added('writes_64', 'and extension', 0.5),
      added('writes_1', 'telemetry', 3),
      added('reads_64', 'telemetry', 9),
    ])
    expect(ratios).toEqual({ overhead: 5, overhead_profiles: 3, overhead_serial: 0.5 })
  })

  it('stay finite where the noise is larger than what is added', () => {
    const { ratios } = outcomeOf(telemetry, machine, [added('writes_64', 'telemetry', -0.2)])
    expect(ratios).toEqual({ overhead: 1.5 / addedMicrosMin })
  })
})
