import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadBlobKibibytes } from '../../limits.ts'
import { rowsOf } from '../../statistics/rows.ts'
import { tinyPace } from '../../testing/tiny-pace.ts'
import { runSuite } from '../../trials/run-suite.ts'
import type { Suite } from '../suite.ts'
import { wal } from './suite.ts'

const loadMebibytes = (tinyPace.logRows * loadBlobKibibytes) / 1_024

function only(inCase: string): Suite {
  return { ...wal, cases: wal.cases.filter(({ name }) => name === inCase) }
}

describe('the suite of the write-ahead log', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  async function metricsOf(inCase: string): Promise<Record<string, number>> {
    const { signal } = new AbortController()
    const surroundings = { pace: tinyPace, dataFolder: folder, signal }
    const { samples, failures } = await runSuite(only(inCase), surroundings, () => {})
    expect(failures).toEqual([])
    expect(readdirSync(folder)).toEqual([])
    return Object.fromEntries(
      rowsOf(samples).map(({ subject, metric, median }) => [`${subject}, ${metric}`, median]),
    )
  }

  it('loads beside readers that overlap, and tells the log’s size and what their queries took', async () => {
    const metrics = await metricsOf('overlap')
    for (const subject of ['governor', 'automatic']) {
      expect(metrics[`${subject}, throughput`]).toBeGreaterThan(10)
      expect(metrics[`${subject}, log_peak`]).toBeGreaterThan(0)
      expect(metrics[`${subject}, pages_and_reads`]).toBeGreaterThan(1)
    }
  })

  it('lets users write beside the load, and somebody pin the log until its end', async () => {
    const metrics = await metricsOf('users')
    for (const subject of ['governor', 'governor, pinned', 'off', 'automatic']) {
      expect(metrics[`${subject}, throughput`]).toBeGreaterThan(10)
      expect(metrics[`${subject}, p99`]).toBeGreaterThan(0)
      expect(metrics[`${subject}, user_max`]).toBeGreaterThanOrEqual(metrics[`${subject}, p50`] ?? Number.NaN)
    }
    expect(metrics['governor, pinned, snapshots']).toBeGreaterThan(0)
    expect(metrics).not.toHaveProperty(['governor, snapshots'])
    // With nobody to copy it, the log holds everything that was written.
    expect(metrics['off, log_end']).toBeGreaterThan(loadMebibytes)
    expect(metrics['automatic, log_peak']).toBeLessThan(loadMebibytes)
  })

  it('loads with the writer to itself, and raw', async () => {
    const metrics = await metricsOf('bulk')
    for (const subject of ['governor', 'automatic', 'better-sqlite3']) {
      expect(metrics[`${subject}, throughput`]).toBeGreaterThan(10)
      expect(metrics[`${subject}, log_peak`]).toBeGreaterThanOrEqual(metrics[`${subject}, log_end`] ?? 0)
    }
  })
})
