import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rowsOf } from '../../statistics/rows.ts'
import { tinyPace } from '../../testing/tiny-pace.ts'
import { runSuite } from '../../trials/run-suite.ts'
import { shares } from './suite.ts'

const obstacle = await shares.obstacle?.()
const reason = obstacle === undefined ? '' : ` (not run: ${obstacle})`

it.runIf(obstacle === undefined)(
  `the suite of the shares counts what each of two gets${reason}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    try {
      // Each trial starts three processes: two of them show both loads, and both kinds of waiting.
      const cases = shares.cases
        .filter(({ name }) => name === 'callers_bulk')
        .map((one) => ({ ...one, subjects: one.subjects.filter(({ name }) => name !== 'none') }))
      const surroundings = { pace: tinyPace, dataFolder: folder, signal: new AbortController().signal }
      const { samples, failures } = await runSuite({ ...shares, cases }, surroundings, () => {})
      expect(failures).toEqual([])
      const found = rowsOf(samples).filter(({ metric }) => metric === 'smaller_share')
      expect(found.map(({ subject }) => subject)).toEqual(['both', 'one'])
      for (const { median } of found) expect(median).toBeLessThanOrEqual(50)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
