import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { figuresOf } from '../../testing/trials-of.ts'
import { signalsObstacle } from '../signals/obstacle.ts'
import { telemetry } from './suite.ts'

const obstacle = await signalsObstacle()

describe('the suite of telemetry', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it.each(['writes_64', 'writes_1', 'reads_64', 'reads_1'])(
    'tells what a call costs without telemetry, and how much more with it: %s',
    async (inCase) => {
      const subjects = obstacle === undefined ? ['telemetry', 'and extension'] : ['telemetry']
      const figures = await figuresOf({ suite: telemetry, inCase, subjects, folder })
      for (const subject of subjects) {
        expect(figures[`${subject}, without`]).toBeGreaterThan(0)
        expect(figures[`${subject}, added`]).toBeTypeOf('number')
        expect(figures[`${subject}, added_mean`]).toBeTypeOf('number')
      }
    },
  )

  it('weighs the ledger, which has a row for each label up to its bound', async () => {
    const figures = await figuresOf({ suite: telemetry, inCase: 'memory', folder })
    // A hundred labels, and all others in one row.
    expect(figures).toMatchObject({ '10 labels, read_rows': 10, '10,000 labels, read_rows': 101 })
    expect(figures['10 labels, ledger']).toBeGreaterThan(0)
    expect(figures['10 labels, ledger']).toBeLessThan(1)
    expect(figures['10,000 labels, ledger']).toBeLessThan(5)
    expect(figures['10,000 labels, ledger']).toBeGreaterThan(figures['10 labels, ledger'] ?? Number.NaN)
  })
})
