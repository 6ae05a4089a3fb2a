// What health() says in words is a pure function of what was measured.
import { describe, expect, it } from 'vitest'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import type { Report } from '../telemetry/report.ts'
import { type HealthMeasurements, type HealthProbe, slowness } from './health.ts'
import { healthLogBytes } from './limits.ts'

const lane = { depth: 0, waiting: 0 }
const report = (fields: object = {}): Report =>
  ({
    states: { database: 'ready', writer: 'running.idle', readers: [] },
    lanes: { user: lane, sync: lane, background: lane },
    readers: { interactive: { readers: 2, busy: 0, lent: 0, waiting: 0 } },
    busy: {},
    ...fields,
  }) as unknown as Report

const fast: HealthProbe = { ok: true, ms: 2, waitMs: 1 }
const overdue: HealthProbe = {
  ok: false,
  ms: 1_000,
  waitMs: 1_000,
  error: new LockkeeperError('late', { code: 'deadline-exceeded', stage: 'admission' }),
}
const calm: HealthMeasurements = {
  write: fast,
  read: fast,
  before: report(),
  after: report(),
  oldestWaitMs: { user: 0, sync: 0, background: 0 },
  logBytes: 0,
}
const said = (measured: Partial<HealthMeasurements>): string => slowness({ ...calm, ...measured }).join('; ')

describe('what is said to be slow', () => {
  it('is nothing where nothing is', () => {
    expect(slowness(calm)).toEqual([])
  })

  it('is the lock that another process holds, as far as a write was slow of it', () => {
    const after = report({ busy: { 'sqlite-busy': 7 } })
    expect(said({ write: overdue, after })).toBe(
      'a write was not done within 1000 ms; another process holds the write lock: it was refused 7 times meanwhile',
    )
    expect(said({ write: fast, after })).toBe('')
    expect(said({ write: overdue, before: after, after })).not.toMatch(/another process/)
  })

  it('is the disk, where a write ran at once and its commit took long', () => {
    expect(said({ write: { ok: true, ms: 300, waitMs: 20 } })).toMatch(/slow to commit: 280 ms/)
    expect(said({ write: { ok: true, ms: 300, waitMs: 290 } })).not.toMatch(/disk/)
  })

  it('is the queue, with its lane and its oldest', () => {
    const after = report({ lanes: { user: { depth: 3, waiting: 1 }, sync: lane, background: lane } })
    expect(said({ after, oldestWaitMs: { user: 120, sync: 0, background: 0 } })).toBe(
      '4 writes wait in the user lane, the oldest for 120 ms',
    )
    // They wait that long by design.
    expect(said({ oldestWaitMs: { user: 0, sync: 200, background: 400 } })).toBe('')
  })

  it('is the readers, where all of them are at work', () => {
    const interactive = { readers: 2, busy: 2, lent: 0, waiting: 5 }
    expect(said({ read: overdue, after: report({ readers: { interactive } }) })).toBe(
      'a read was not done within 1000 ms; all 2 interactive readers are at work or lent, and 5 reads wait',
    )
  })

  it('is a large log', () => {
    expect(said({ logBytes: healthLogBytes })).toBe('')
    expect(said({ logBytes: healthLogBytes * 3 })).toBe('the write-ahead log is large (192 MiB)')
  })

  it('is what the log’s governor holds back, and the reader that is longest at it', () => {
    const oldestLease = { reader: 'reader-2', label: 'export', ageMs: 9_000 }
    const wal = { logBytes: 1_000, pressure: 'calm', oldestLease }
    // The file is long, but most of it is no longer in use.
    expect(said({ logBytes: healthLogBytes * 3, after: report({ wal }) })).toBe('')
    expect(said({ after: report({ wal: { ...wal, pressure: 'throttling' } }) })).toBe(
      'the log presses, so that lower lanes are held back (throttling); reader-2 has read for 9000 ms (export), which may keep the log from being emptied',
    )
  })

  it('is a writer that dies or has stopped, and an error with its code', () => {
    const stateOf = (database: string, writer: string) =>
      report({ states: { database, writer, readers: [] } })
    expect(said({ after: stateOf('ready', 'restarting') })).toMatch(/being replaced/)
    expect(said({ after: stateOf('degraded', 'stopped') })).toMatch(/stopped for good/)
    const error = new LockkeeperError('The disk is full', { code: 'sqlite-full', stage: 'commit' })
    expect(said({ write: { ok: false, ms: 3, waitMs: 3, error } })).toBe(
      'writing fails (sqlite-full): The disk is full',
    )
  })
})
