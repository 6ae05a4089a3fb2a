// Issue 8: the report of a real database names the label that holds the lock, those that wait for it, and what was slow.
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import type { LedgerReport } from '../telemetry/ledger-report.ts'

let folder: TemporaryFolder
let db: NotesDatabase | undefined

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(async () => {
  await db?.close()
  db = undefined
  await folder[Symbol.asyncDispose]()
})

async function open(options: Parameters<typeof openNotes>[1] = {}): Promise<NotesDatabase> {
  db = await openNotes(folder.file('a.db'), options)
  return db
}

function ledgerOf(of: NotesDatabase): LedgerReport {
  const { ledger } = of.report()
  if (ledger === undefined) throw new Error('There is no ledger')
  return ledger
}

const longWrite = `with recursive c (n) as (select 1 union all select n + 1 from c where n < 300000)
  insert into notes (body) select ? || n from c where n % 100000 = 0`

describe('the ledger', () => {
  it('names a holder, and its victim', async () => {
    const of = await open()
    const gate = threadGate()
    const input = { id: 1, body: 'a', gate: gate.buffer }
    const holder = of.call.notes.addWhenOpen(input, { label: 'blobs.putMany', lane: 'sync' })
    await gate.reached
    const victim = of.write('insert into notes (id) values (2)', undefined, { label: 'peers.connect' })
    expect(of.report().live).toMatchObject({
      inFlight: { lane: 'sync', writes: 1, labels: ['blobs.putMany'] },
      oldest: { user: { label: 'peers.connect' }, sync: undefined },
    })
    gate.open()
    await Promise.all([holder, victim])
    const { writes, blocked, bytes } = ledgerOf(of)
    expect(writes.find(({ label }) => label === 'blobs.putMany')).toMatchObject({
      ...{ lane: 'sync', admitted: 1, committed: 1, failed: 0, hold: { count: 1 }, total: { count: 1 } },
    })
    expect(blocked).toContainEqual(
      expect.objectContaining({ waiter: 'peers.connect', holder: 'blobs.putMany' }),
    )
    expect(bytes).toBeLessThan(100_000)
  })

  it('keeps a slow statement, and asks for its plan', async () => {
    const of = await open({ telemetry: { slowMs: 0.001 } })
    await of.write(longWrite, ['a body'], { label: 'blobs.putMany', lane: 'sync' })
    const { writes, slow } = ledgerOf(of)
    expect(writes).toMatchObject([{ label: 'blobs.putMany', rows: 3 }])
    expect(writes[0]?.lockShare).toBeGreaterThan(0)
    expect(writes[0]?.bytes).toBeGreaterThan(longWrite.length)
    expect(slow).toMatchObject([
      { kind: 'write', label: 'blobs.putMany', sql: longWrite, parameters: ['text(6)'], rows: 3 },
    ])
    await until('its plan is there', () => ledgerOf(of).slow[0]?.plan !== undefined)
    expect(ledgerOf(of).slow[0]?.plan?.join('\n')).toContain('SCAN c')
  })

  it('tells of reads how long they waited, ran, and how many rows they brought', async () => {
    const of = await open({ telemetry: { slowMs: 0.001, values: true } })
    await of.write('insert into notes (id) values (1), (2), (3)')
    await of.read('select * from notes where id > ?', [1], { label: 'notes.list' })
    await of.read('select nonsense', undefined, { label: 'notes.list' }).catch(() => {})
    await of.snapshot(async (s) => s.read('select * from notes', undefined, { label: 'notes.all' }), {
      ...{ label: 'notes.snapshot', class: 'background' },
    })
    // Its reader is on its way back when the scope has ended.
    await until('the lease is over', () => of.report().live.leases.length === 0)
    const { reads, slow } = ledgerOf(of)
    const find = (label: string) => reads.find((row) => row.label === label)
    expect(find('notes.list')).toMatchObject({
      ...{ class: 'interactive', answered: 1, failed: 1, rows: 2, wait: { count: 2 }, run: { count: 2 } },
    })
    expect(find('notes.all')).toMatchObject({ class: 'background', answered: 1, rows: 3 })
    expect(find('notes.snapshot')).toMatchObject({ class: 'background', answered: 1, run: { count: 1 } })
    expect(slow.filter(({ kind }) => kind === 'read')[0]).toMatchObject({
      ...{ label: 'notes.list', class: 'interactive', lane: undefined, parameters: ['1'], rows: 2 },
    })
    // What we ask for ourselves is nobody's read.
    await until('plans are there', () => ledgerOf(of).slow.some(({ plan }) => plan !== undefined))
    expect(ledgerOf(of).reads.map(({ label }) => label)).not.toContain('lockkeeper.explain')
    expect(of.report().reads).toMatchObject({ answered: 2, failed: 1 })
  })

  it('charges the wait for another process to that', async () => {
    const of = await open({ telemetry: { slowMs: 1 } })
    const neighbour = new Database(folder.file('a.db'))
    neighbour.exec('begin immediate')
    const write = of.write('insert into notes (id) values (1)', undefined, { label: 'notes.add' })
    await until('it was refused', () => (of.report().busy['sqlite-busy'] ?? 0) > 3)
    neighbour.exec('rollback')
    await write
    neighbour.close()
    const { writes, blocked, slow } = ledgerOf(of)
    expect(writes).toMatchObject([{ label: 'notes.add', committed: 1, beginWait: { count: 1 } }])
    expect(blocked).toContainEqual(
      expect.objectContaining({ waiter: 'notes.add', holder: '(another process)' }),
    )
    expect(slow.find(({ kind }) => kind === 'begin')).toMatchObject({
      label: 'notes.add',
      lane: 'user',
      sql: undefined,
    })
  })

  it('counts what is lost and what is merged by label, and the bytes of bulk rows', async () => {
    const of = await open()
    of.countDropped('seen', 'queue-full', 3)
    of.countCoalesced('seen', 40, 'sync')
    const rows = Array.from({ length: 100 }, (_, n) => [n, String(n).padEnd(1_000)])
    await of.writeMany('insert into notes (id, body) values (?, ?)', rows, { label: 'blobs' })
    of.offer('insert into nothing values (1)', [], { label: 'bad' })
    await until('it has failed', () => of.report().drops.bad !== undefined)
    const { writes } = ledgerOf(of)
    expect(writes.find(({ label, lane }) => label === 'seen' && lane === 'background')?.dropped).toEqual({
      'queue-full': 3,
    })
    expect(writes.find(({ label, lane }) => label === 'seen' && lane === 'sync')?.coalesced).toBe(40)
    expect(writes.find(({ label }) => label === 'blobs')).toMatchObject({ rows: 100 })
    expect(writes.find(({ label }) => label === 'blobs')?.bytes).toBeGreaterThan(100_000)
    expect(writes.find(({ label }) => label === 'bad')).toMatchObject({
      failed: 1,
      dropped: { 'sqlite-error': 1 },
    })
  })

  it('sees the event loop, and what a report finds going on', async () => {
    const of = await open()
    const { live } = of.report()
    expect(live).toMatchObject({ inFlight: undefined, leases: [], jobs: [] })
    const endsAt = performance.now() + 60
    while (performance.now() < endsAt);
    await until('it was looked at', () => ledgerOf(of).eventLoop.maxMs > 30)
    await of.snapshot(
      () => {
        expect(of.report().live.leases).toMatchObject([{ class: 'interactive', label: 'scope' }])
      },
      { label: 'scope' },
    )
  })

  it('is not kept where the app turns it off; what goes on is told all the same', async () => {
    const of = await open({ telemetry: false })
    await of.write('insert into notes (id) values (1)')
    const { ledger, live, lanes } = of.report()
    expect([ledger, live.inFlight, lanes.user.committed]).toEqual([undefined, undefined, 1])
  })

  it('refuses options that say nothing', async () => {
    const refused = (telemetry: object) =>
      openNotes(folder.file('b.db'), { telemetry }).catch((error) => error.code)
    expect(await refused({ slowMs: -1 })).toBe('invalid-argument')
    expect(await refused({ values: 'yes' })).toBe('invalid-argument')
  })
})
