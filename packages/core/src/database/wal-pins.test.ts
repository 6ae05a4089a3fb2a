// Promise 11: whoever keeps the log from being emptied is ended at its hard bound, named, and told why; the log stays bounded,
// and the app reads on at once.
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { describeWithSignals } from '../../fixtures/with-signals.ts'
import { fill, smallBounds, walFileBytes, walOf, walPeakMax, writeLoad } from '../../fixtures/write-load.ts'
import type { RetiredReader } from '../readers/desk.ts'
import type { WalPinned } from '../wal/pressure.ts'
import type { OpenOptions } from './options.ts'

let folder: TemporaryFolder
let file: string
let db: NotesDatabase
let pinned: WalPinned[]

beforeEach(async () => {
  folder = await temporaryFolder()
  file = folder.file('a.db')
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

async function open(options: Pick<OpenOptions, 'signals'> = {}): Promise<void> {
  db = await openNotes(file, { wal: smallBounds, readers: { interactive: 2, background: 1 }, ...options })
  await fill(db)
  pinned = []
  db.on('wal-pinned', (pin) => pinned.push(pin))
}

const wasPinned = () => until('the pin was told of', () => pinned.length > 0)
const isCalm = () =>
  until('the log is short again', () => walOf(db).pressure === 'calm' && walOf(db).failures === 0)

/** The reader was named and ended, once, and the log was never longer than it may be. */
function expectOnePin(label: string): void {
  expect(pinned).toEqual([
    {
      reader: expect.stringMatching(/^reader-\d$/),
      label,
      ageMs: expect.any(Number),
      logBytes: expect.any(Number),
    },
  ])
  expect(pinned[0]?.logBytes).toBeGreaterThanOrEqual(smallBounds.hardBytes)
  expect(walOf(db)).toMatchObject({ pinsEnded: 1, oldestLease: undefined })
  expect(walOf(db).peakBytes).toBeLessThan(walPeakMax)
  expect(walFileBytes(file)).toBeLessThan(walPeakMax)
}

/*
 * snapshot                      writers                        governor
 * --------                      -------                        --------
 * begins, reads once
 *                               write without end              can't empty the log: they get less and less
 *                               pause at the hard bound        ends the snapshot
 * its next read is refused                                     empties the log
 * another begins                go on
 */
it('a snapshot that pins for the whole of a load is ended, and another can begin at once', async () => {
  await open()
  const begun = gate()
  const end = gate()
  const scope = db.snapshot(
    async (s) => {
      const before = await s.readValue('select count(*) from notes')
      begun.open()
      await end.opened
      return [before, await s.readValue('select count(*) from notes')]
    },
    { label: 'report.monthly', ageMsMax: 60_000 },
  )
  const failed = expect(scope).rejects.toMatchObject({
    code: 'wal-pinned',
    stage: 'read',
    retryable: true,
    label: 'report.monthly',
    message: expect.stringContaining('wal.hardBytes'),
  })
  await begun.opened
  const loads = [writeLoad(db, 'sync'), writeLoad(db, 'background', 4)]
  await wasPinned()
  expect(await db.snapshot((s) => s.readValue('select count(*) from notes'))).toBe(400)
  await isCalm()
  end.open()
  await failed
  const before = loads.map(({ written }) => written)
  await until('all lanes go on', () => loads.every(({ written }, at) => written > (before[at] ?? 0) + 10))
  for (const load of loads) await load.stop()
  await isCalm()
  expectOnePin('report.monthly')
})

it('so is a stream whose consumer takes its time', async () => {
  await open()
  const rows = db.stream<{ id: number }>(
    'with recursive n (i) as (select count(*) from notes union all select i + 1 from n) select i as id from n',
    [],
    { label: 'export', idleMsMax: 60_000 },
  )
  const first = await rows.next()
  expect(first.done).toBe(false)
  const load = writeLoad(db)
  await wasPinned()
  const drained = (async () => {
    for await (const _ of rows);
  })()
  await expect(drained).rejects.toMatchObject({ code: 'wal-pinned', label: 'export' })
  await isCalm()
  await load.stop()
  await isCalm()
  expectOnePin('export')
})

const endless = 'with recursive n (i) as (select count(*) from notes union all select i + 1 from n)'

describeWithSignals('with signals', () => {
  it('a statement without end is interrupted, and its reader is as good as before', async () => {
    await open()
    await until('interrupts are ready', () => db.report().signals.interrupts)
    const scan = expect(
      db.readValue(`${endless} select count(*) from n`, [], { label: 'scan', class: 'background' }),
    ).rejects.toMatchObject({ code: 'wal-pinned', label: 'scan' })
    const load = writeLoad(db)
    await scan
    await isCalm()
    await load.stop()
    await isCalm()
    expectOnePin('scan')
    expect(db.report()).toMatchObject({ restarts: { readers: 0 }, readers: { retired: { byLabel: {} } } })
  })
})

describe('without signals', () => {
  it('a read that yields rows ends between two of them', async () => {
    await open({ signals: false })
    const rows = `${endless} select i from n where i % 1000 = 0`
    const scan = expect(db.readColumn(rows, [], { label: 'scan' })).rejects.toMatchObject({
      code: 'wal-pinned',
    })
    const load = writeLoad(db)
    await scan
    await isCalm()
    await load.stop()
    await isCalm()
    expectOnePin('scan')
  })

  it('one that does not retires its reader; until it is over lower lanes pause, and users are served', async () => {
    await open({ signals: false })
    const retired: RetiredReader[] = []
    db.on('reader-retired', (reader) => retired.push(reader))
    const held = threadGate()
    const scan = expect(db.call.notes.countTwice(held.buffer, { label: 'scan' })).rejects.toMatchObject({
      code: 'wal-pinned',
    })
    await held.reached
    const load = writeLoad(db)
    await scan
    await until('its reader is retired', () => retired.length > 0)
    expect(retired).toMatchObject([{ label: 'scan', reason: 'overdue' }])
    await until('lower lanes pause', () => walOf(db).restraint === 1 && db.report().lanes.sync.depth === 16)
    const { written } = load
    for (let id = 0; id < 20; id++) await db.write('update notes set weight = 1 where id = ?', [id])
    expect(await db.readValue('select sum(weight) from notes')).toBe(20)
    expect(load.written).toBe(written)
    expect(walOf(db)).toMatchObject({ pressure: 'pinned', oldestLease: { reader: pinned[0]?.reader } })
    held.open()
    await isCalm()
    await until('the load goes on', () => load.written > written)
    await load.stop()
    await isCalm()
    expectOnePin('scan')
  })
})

it('what waits in paused lanes is written when the database is closed (promise 13)', async () => {
  await open({ signals: false })
  const held = threadGate()
  const scan = expect(db.call.notes.countTwice(held.buffer, { label: 'scan' })).rejects.toMatchObject({
    code: 'wal-pinned',
  })
  await held.reached
  const load = writeLoad(db)
  await scan
  await until('lower lanes pause', () => walOf(db).restraint === 1 && db.report().lanes.sync.depth === 16)
  const stopping = load.stop()
  const offered = db.write('update notes set weight = 7 where id = 1', [], { lane: 'background' })
  let hasDrained = false
  db.beforeClose(async () => {
    await db.write('update notes set weight = 8 where id = 2', [], { lane: 'background' })
    hasDrained = true
  })
  const closing = db.close()
  await stopping
  held.open()
  expect(await closing).toEqual({ notWritten: { user: 0, sync: 0, background: 0 } })
  expect((await offered.outcome()).outcome).toBe('committed')
  expect(hasDrained).toBe(true)
})
