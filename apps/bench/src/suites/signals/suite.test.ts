import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../../statistics/rows.ts'
import { tinyPace } from '../../testing/tiny-pace.ts'
import { runSuite } from '../../trials/run-suite.ts'
import type { Suite } from '../suite.ts'
import { signals } from './suite.ts'

const obstacle = await signals.obstacle?.()
const reason = obstacle === undefined ? '' : ` (not run: ${obstacle})`

function only(inCase: string): Suite {
  const cases = signals.cases.filter(({ name }) => name === inCase)
  return { ...signals, cases: cases.map((one) => ({ ...one, roundsFactor: 1 })) }
}

describe.runIf(obstacle === undefined)(`the suite of the signals${reason}`, () => {
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

  it('lets two processes hand the lock over, with either handler', async () => {
    const metrics = await metricsOf('handover')
    for (const subject of ['signals', 'busy_timeout']) {
      expect(metrics[`${subject}, handovers`]).toBeGreaterThan(0)
      expect(metrics[`${subject}, p99`]).toBeGreaterThanOrEqual(metrics[`${subject}, p50`] ?? Number.NaN)
    }
  })

  it('measures the CPU time of a wait as long as the lock is held, beside a holder with the extension and without', async () => {
    const metrics = await metricsOf('cpu')
    expect((await metricsOf('cpu_stranger'))['signals, cpu']).toBeGreaterThan(0)
    for (const subject of ['signals', 'busy_timeout']) {
      expect(metrics[`${subject}, cpu`]).toBeGreaterThan(0)
      expect(metrics[`${subject}, waited`]).toBeGreaterThan(900)
    }
  })

  it('counts what each of four contenders commits', async () => {
    const metrics = await metricsOf('fair')
    for (const subject of ['signals', 'busy_timeout']) {
      expect(metrics[`${subject}, most`]).toBeGreaterThan(10)
      expect(metrics[`${subject}, fewest`]).toBeLessThanOrEqual(metrics[`${subject}, most`] ?? Number.NaN)
    }
  })

  it('aborts reads that would never end and reads on with the same reader', async () => {
    expect((await metricsOf('interrupt'))['lockkeeper, p99']).toBeGreaterThan(0)
  })

  it('writes with the extension and without it, and knows which is which', async () => {
    const metrics = await metricsOf('idle_cost')
    for (const subject of ['with signals', 'without signals']) {
      expect(metrics[`${subject}, throughput`]).toBeGreaterThan(100)
    }
  })
})
