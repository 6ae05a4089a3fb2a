import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../../statistics/rows.ts'
import { tinyPace } from '../../testing/tiny-pace.ts'
import { runSuite } from '../../trials/run-suite.ts'
import type { Suite } from '../suite.ts'
import { reads } from './suite.ts'

function only(...names: readonly string[]): Suite {
  return { ...reads, cases: reads.cases.filter(({ name }) => names.includes(name)) }
}

describe('the suite of the reads', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  async function metricsOf(...names: readonly string[]): Promise<Record<string, number>> {
    const { signal } = new AbortController()
    const surroundings = { pace: tinyPace, dataFolder: folder, signal }
    const { samples, failures } = await runSuite(only(...names), surroundings, () => {})
    expect(failures).toEqual([])
    expect(readdirSync(folder)).toEqual([])
    return Object.fromEntries(
      rowsOf(samples).map((row) => [`${row.case}, ${row.subject}, ${row.metric}`, row.median]),
    )
  }

  it('reads points through the pool, raw and by a queue of workers, and times one caller of many', async () => {
    const metrics = await metricsOf('point_64', 'point_serial')
    for (const subject of ['lockkeeper', 'better-sqlite3', 'worker queue']) {
      expect(metrics[`point_64, ${subject}, throughput`]).toBeGreaterThan(100)
    }
    for (const subject of ['lockkeeper', 'better-sqlite3', 'round trip']) {
      expect(metrics[`point_serial, ${subject}, p50`]).toBeGreaterThan(0)
    }
  })

  it('reads points in the app’s thread, by its in-thread reader and raw', async () => {
    const metrics = await metricsOf('point_inthread')
    for (const subject of ['in-thread reader', 'better-sqlite3']) {
      expect(metrics[`point_inthread, ${subject}, throughput`]).toBeGreaterThan(100)
    }
  })

  it('reads a thousand rows at a time, and the whole table as a stream', async () => {
    const metrics = await metricsOf('rows_1000', 'stream_rows')
    for (const inCase of ['rows_1000', 'stream_rows']) {
      for (const subject of ['lockkeeper', 'better-sqlite3']) {
        expect(metrics[`${inCase}, ${subject}, throughput`]).toBeGreaterThan(100)
        expect(metrics[`${inCase}, ${subject}, loop_delay_max`]).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('lets people read beside scans, through every subject, and says how the scans got on', async () => {
    const metrics = await metricsOf('mixed_slow')
    expect(metrics).not.toHaveProperty(['mixed_slow, alone, scans'])
    for (const subject of ['with scans', 'round robin', 'worker queue']) {
      expect(metrics[`mixed_slow, ${subject}, p99`]).toBeGreaterThan(0)
      expect(metrics[`mixed_slow, ${subject}, scans`]).toBeGreaterThan(0)
    }
  })
})
