// Issue 8, Prometheus text: what a scrape shows is what the report says, in seconds and bytes, by bounded labels.
import { openDatabase, type Report } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { Counter, register as globalRegister, Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { prometheusMetrics } from './prometheus-metrics.ts'

const migrations = [
  { set: 'app', id: 1, name: 'notes', sql: 'create table notes (id integer primary key) strict' },
]

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(() => folder[Symbol.asyncDispose]())

function missing(): never {
  throw new Error('The report that was shown lacks something')
}

/** Every line that is no comment, by its name and labels. */
const valuesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ')
        return [line.slice(0, at), Number(line.slice(at + 1))]
      }),
  )

describe('prometheusMetrics', () => {
  it('shows a real database as its report does', async () => {
    await using db = await openDatabase({ file: folder.file('notes.db'), migrations })
    const { register } = prometheusMetrics(db, { register: new Registry() })
    const label = 'peers.connect'
    const ids = [1, 2, 3, 3]
    await Promise.all(ids.map((id) => db.write('insert into notes values (?)', [id], { label }).outcome()))
    await db.read('select id from notes', undefined, { label: 'list' })
    const report = vi.spyOn(db, 'report')
    const text = await register.metrics()
    expect(report).toHaveBeenCalledOnce()
    const values = valuesOf(text)
    const of = `{database="notes.db",label="${label}",lane="user"`
    expect(values.get(`lockkeeper_writes_total${of},outcome="committed"}`)).toBe(3)
    expect(values.get(`lockkeeper_writes_total${of},outcome="failed"}`)).toBe(1)
    expect(values.get(`lockkeeper_write_rows_total${of}}`)).toBe(3)
    expect(values.get(`lockkeeper_write_hold_seconds_count${of}}`)).toBe(4)
    const { ledger, wal, lanes } = report.mock.results.map(({ value }) => value as Report)[0] ?? missing()
    const row = ledger?.writes.find((one) => one.label === label)
    if (row === undefined || wal === undefined) return missing()
    expect(values.get(`lockkeeper_write_hold_seconds_sum${of}}`)).toBe(row.hold.totalMs / 1_000)
    const p99 = `lockkeeper_write_hold_seconds{quantile="0.99",${of.slice(1)}}`
    expect(values.get(p99)).toBe(row.hold.p99Ms / 1_000)
    expect(
      values.get(
        'lockkeeper_reads_total{database="notes.db",label="list",class="interactive",outcome="answered"}',
      ),
    ).toBe(1)
    expect(values.get('lockkeeper_wal_bytes{database="notes.db"}')).toBe(wal.logBytes)
    expect(values.get('lockkeeper_lane_capacity{database="notes.db",lane="user"}')).toBe(lanes.user.capacity)
    // Again: counters are set anew, and not added up.
    expect(valuesOf(await register.metrics()).get(`lockkeeper_write_rows_total${of}}`)).toBe(3)
  })

  it('keeps to the conventions: names, types and help', async () => {
    await using db = await openDatabase({ file: folder.file('notes.db'), migrations })
    const { register } = prometheusMetrics(db, { register: new Registry() })
    const metrics = await register.getMetricsAsJSON()
    expect(metrics.length).toBeGreaterThan(40)
    for (const { name, help, type } of metrics) {
      expect(name).toMatch(/^lockkeeper_[a-z_]+$/)
      expect(help, name).not.toBe('')
      expect(name.endsWith('_total'), name).toBe(`${type}` === 'counter')
      expect(name, 'base units').not.toMatch(/_(ms|milliseconds|kb|mib)(_|$)/)
      if (`${type}` === 'summary') expect(name).toMatch(/_seconds$/)
    }
  })

  it('shows writes by lane and reads in all where the app keeps no ledger', async () => {
    await using db = await openDatabase({ file: folder.file('notes.db'), migrations, telemetry: false })
    const { register } = prometheusMetrics(db, { register: new Registry(), name: 'main' })
    await db.write('insert into notes values (1)')
    await db.read('select id from notes')
    const values = valuesOf(await register.metrics())
    expect(values.get('lockkeeper_writes_total{database="main",lane="user",outcome="committed"}')).toBe(1)
    expect(values.get('lockkeeper_reads_total{database="main",outcome="answered"}')).toBe(1)
  })

  it('shows several databases in one registry; the metrics go with the last of them', async () => {
    await using one = await openDatabase({ file: folder.file('a.db'), migrations })
    await using other = await openDatabase({ file: folder.file('b.db'), migrations })
    await one.write('insert into notes values (1)')
    const shown = [prometheusMetrics(one), prometheusMetrics(other)]
    expect(() => prometheusMetrics(one)).toThrow(expect.objectContaining({ code: 'invalid-argument' }))
    const values = valuesOf(await globalRegister.metrics())
    expect(values.get('lockkeeper_batches_total{database="a.db"}')).toBe(1)
    expect(values.get('lockkeeper_batches_total{database="b.db"}')).toBe(0)
    shown[0]?.stop()
    shown[0]?.stop()
    expect(await globalRegister.metrics()).not.toContain('a.db')
    shown[1]?.stop()
    expect((await globalRegister.metrics()).trim()).toBe('')
  })

  it('shows a closed database as it was, until it is told to stop', async () => {
    const db = await openDatabase({ file: folder.file('notes.db'), migrations })
    const { register } = prometheusMetrics(db, { register: new Registry() })
    await db.write('insert into notes values (1)')
    await db.close()
    const values = valuesOf(await register.metrics())
    expect(values.get('lockkeeper_lane_depth{database="notes.db",lane="user"}')).toBe(0)
    expect([...values.keys()].filter((name) => name.startsWith('lockkeeper_actor_state'))).toHaveLength(2)
  })

  it('leaves a registry as it found it where a name is taken', async () => {
    await using db = await openDatabase({ file: folder.file('notes.db'), migrations })
    const register = new Registry()
    new Counter({ name: 'lockkeeper_batches_total', help: 'of the app', registers: [register] }).inc(7)
    expect(() => prometheusMetrics(db, { register })).toThrow('already been registered')
    expect(valuesOf(await register.metrics())).toEqual(new Map([['lockkeeper_batches_total', 7]]))
  })
})
