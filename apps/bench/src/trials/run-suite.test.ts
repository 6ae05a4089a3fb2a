import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Pace } from '../limits.ts'
import { rowsOf } from '../statistics/rows.ts'
import { suiteNamed } from '../suites/registry.ts'
import type { Suite } from '../suites/suite.ts'
import { tinyPace } from '../testing/tiny-pace.ts'
import { runSuite, trialsOf } from './run-suite.ts'
import type { TrialSurroundings } from './run-trial.ts'

function only(inCase: string): Suite {
  const suite = suiteNamed('writes')
  if (suite === undefined) throw new Error('The writes suite is gone')
  return { ...suite, cases: suite.cases.filter(({ name }) => name === inCase) }
}

/** Until a trial has made its database: it is in the midst of its work. */
function untilWritten(folder: string): Promise<boolean> {
  const isThere = (): boolean =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((path) => path.endsWith('bench.db'))
  return vi.waitUntil(isThere, { timeout: 10_000, interval: 5 })
}

describe('a suite', () => {
  let folder = ''
  let stop = new AbortController()
  const surroundings = (pace: Partial<Pace> = {}): TrialSurroundings => ({
    pace: { ...tinyPace, ...pace },
    dataFolder: folder,
    signal: stop.signal,
  })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
    stop = new AbortController()
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('lets subjects take turns, round by round, one case after the other', () => {
    const suite = only('write_serial')
    expect(trialsOf(suite, 2).map(({ subject, round }) => `${subject} ${round}`)).toEqual([
      'lockkeeper 1',
      'better-sqlite3 1',
      'round trip 1',
      'lockkeeper 2',
      'better-sqlite3 2',
      'round trip 2',
    ])
  })

  it('takes more rounds of a case that asks for them, and of no other', () => {
    const suite = only('write_serial')
    const twice: Suite = { ...suite, cases: suite.cases.map((one) => ({ ...one, roundsFactor: 2 })) }
    const rounds = (of: Suite): number[] => [...new Set(trialsOf(of, 2).map(({ round }) => round))]
    expect(rounds(suite)).toEqual([1, 2])
    expect(rounds(twice)).toEqual([1, 2, 3, 4])
  })

  it('takes fewer rounds of a subject that asks for them, the others go on without it', () => {
    const suite = only('write_serial')
    const [first, ...others] = suite.cases[0]?.subjects ?? []
    if (first === undefined) throw new Error('The case has no subject')
    const subjects = [{ ...first, roundsFactor: 0.5 }, ...others]
    const once: Suite = { ...suite, cases: [{ name: 'write_serial', subjects }] }
    expect(trialsOf(once, 2).map(({ subject, round }) => `${subject} ${round}`)).toEqual([
      'lockkeeper 1',
      'better-sqlite3 1',
      'round trip 1',
      'better-sqlite3 2',
      'round trip 2',
    ])
  })

  it('tells who prepares what trials share which cases will be run', async () => {
    const prepared: string[][] = []
    const prepare: Suite['prepare'] = async ({ cases }) => void prepared.push([...cases])
    const suite: Suite = { ...only('write_serial'), prepare }
    const narrowed = { ...suite, cases: suite.cases.map((one) => ({ ...one, subjects: [] })) }
    await runSuite(narrowed, surroundings(), () => {})
    expect(prepared).toEqual([['write_serial']])
  })

  it('measures each subject in a process of its own and leaves no file behind', async () => {
    const shown: string[] = []
    const { samples, failures } = await runSuite(
      only('write_serial'),
      surroundings(),
      ({ subject, done, total }) => shown.push(`${done}/${total} ${subject}`),
    )
    expect(failures).toEqual([])
    expect(shown).toEqual(['0/3 lockkeeper', '1/3 better-sqlite3', '2/3 round trip'])
    const rows = rowsOf(samples)
    for (const subject of ['lockkeeper', 'better-sqlite3', 'round trip']) {
      const figures = rows.filter((row) => row.subject === subject)
      const metrics = ['throughput', 'p50', 'p99', 'loop_delay_p99', 'loop_delay_max']
      expect(figures.map(({ metric }) => metric)).toEqual(metrics)
      expect(figures.find(({ metric }) => metric === 'throughput')?.median).toBeGreaterThan(100)
      expect(figures.find(({ metric }) => metric === 'p50')?.median).toBeGreaterThan(1)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('notes a trial that fails, by name, and goes on with the others', async () => {
    const known = only('write_serial')
    const missing: Suite = {
      ...known,
      cases: [
        {
          name: 'gone',
          subjects: [{ name: 'nobody', load: () => Promise.reject(new Error('never loaded')) }],
        },
        { name: 'write_serial', subjects: known.cases[0]?.subjects.slice(1, 2) ?? [] },
      ],
    }
    const { samples, failures } = await runSuite(missing, surroundings(), () => {})
    expect(samples.map(({ subject }) => subject)).toEqual(['better-sqlite3'])
    expect(failures).toEqual([
      { case: 'gone', subject: 'nobody', message: expect.stringContaining('There is no trial') },
    ])
  })

  it('ends the trial that runs when it is told to, and cleans up after it', async () => {
    const stopped = new Error('enough')
    const running = runSuite(only('write_serial'), surroundings({ windowMs: 60_000 }), () => {})
    await untilWritten(folder)
    stop.abort(stopped)
    await expect(running).rejects.toBe(stopped)
    expect(readdirSync(folder)).toEqual([])
  })

  it('starts no trial once it has been told to end', async () => {
    const stopped = new Error('enough')
    const running = runSuite(only('write_serial'), surroundings({ windowMs: 60_000 }), () => {
      stop.abort(stopped)
    })
    await expect(running).rejects.toBe(stopped)
    expect(readdirSync(folder)).toEqual([])
  })
})
