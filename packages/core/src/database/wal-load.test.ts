// Promise 11 with real threads: the log stays bounded whoever reads, is emptied in idle moments, and its keepers may die.
import type { Worker } from 'node:worker_threads'
import { childProcess, gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import {
  fill,
  isCopied,
  smallBounds,
  walFileBytes,
  walOf,
  walPeakMax,
  writeLoad,
} from '../../fixtures/write-load.ts'
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

async function open(options: Pick<OpenOptions, 'inThreadReader' | 'wal'> = {}): Promise<void> {
  db = await openNotes(file, { wal: smallBounds, readers: { interactive: 2, background: 1 }, ...options })
  pinned = []
  db.on('wal-pinned', (pin) => pinned.push(pin))
}

const program = (name: string) => new URL(`../../fixtures/programs/${name}.ts`, import.meta.url)
const count = 'select count(*), sum(length(body)) from notes'

/** Calls that follow each other without end. What it returns stops them, and resolves with how many there were; rejects if one failed. */
function onEnd(run: () => PromiseLike<unknown>) {
  let isStopped = false
  const done = (async () => {
    let calls = 0
    for (; !isStopped; calls++) await run()
    return calls
  })()
  done.catch(() => {})
  return () => {
    isStopped = true
    return done
  }
}

/** The log has begun anew so many times more, under whatever goes on. */
async function beginsAnew(times: number): Promise<void> {
  let before = walOf(db).logBytes
  let seen = 0
  await until(`the log began anew ${times} times`, () => {
    const { logBytes } = walOf(db)
    if (logBytes < before) seen++
    before = logBytes
    return seen >= times
  })
}

describe('readers of both classes that overlap without end', () => {
  it('never fail, and the log is bounded all the same', async () => {
    await open()
    await fill(db)
    const stops = [0, 0, 0, 1, 1].map((n) =>
      onEnd(() => db.readArrays(count, [], { class: n === 0 ? 'interactive' : 'background' })),
    )
    stops.push(onEnd(() => db.snapshot(async (s) => [await s.read(count), await s.read(count)])))
    const loads = [writeLoad(db, 'sync'), writeLoad(db, 'background', 4)]
    for (let n = 0; n < 8; n++) {
      await beginsAnew(1)
      // Users are never held back for the log's sake: a saturated user lane would pass a bound of some MiB.
      await db.write('update notes set weight = weight + 1 where id = 1')
    }
    for (const load of loads) await load.stop()
    for (const stop of stops) expect(await stop()).toBeGreaterThan(0)
    expect(walOf(db)).toMatchObject({ pinsEnded: 0, lastError: undefined })
    expect(walOf(db).peakBytes).toBeLessThan(walPeakMax)
    expect(walFileBytes(file)).toBeLessThan(walPeakMax)
    expect(pinned).toEqual([])
  })
})

it('reads in the app’s own thread do not keep it from being emptied, and nobody else is ended for them', async () => {
  await open({ inThreadReader: {} })
  await fill(db)
  const load = writeLoad(db)
  const stop = onEnd(async () => {
    db.readFirstSync(count)
    await new Promise((resolve) => setImmediate(resolve))
  })
  await beginsAnew(4)
  await stop()
  await load.stop()
  expect(pinned.filter(({ reader }) => reader !== undefined)).toEqual([])
  expect(walOf(db).peakBytes).toBeLessThan(walPeakMax)
})

describe('a reader of another process', () => {
  it('is told of; lower lanes get less, and not nothing; all is well again when it ends', async () => {
    await open()
    await fill(db)
    await using neighbour = childProcess(program('hold-snapshot'), { args: [file] })
    await neighbour.reached('reading')
    const load = writeLoad(db)
    await until('it is told of', () => pinned.length > 0)
    expect(pinned).toMatchObject([{ reader: undefined, label: undefined }])
    expect(walOf(db)).toMatchObject({ pressure: 'pinned', pinsEnded: 0, oldestLease: undefined })
    const { written } = load
    await until('lower lanes go on', () => load.written > written + 32)
    // In a gap it is 1 for a moment.
    await until('lower lanes have a share', () => walOf(db).restraint < 1)
    expect(walOf(db).restraint).toBeGreaterThan(0)
    // Nor are our own reads ended for its sake.
    expect(await db.snapshot((s) => s.readArrays(count))).toHaveLength(1)
    neighbour.pass('reading')
    await until('the log is short again', () => walOf(db).pressure === 'calm' && walOf(db).failures === 0)
    await beginsAnew(2)
    await load.stop()
    expect(pinned).toHaveLength(1)
    expect(await neighbour.exited).toMatchObject({ code: 0 })
  })
})

describe('two governors of one file', () => {
  it('get on with each other', async () => {
    await open()
    await fill(db)
    await using neighbour = childProcess(program('write-under-governor'), { args: [file] })
    const load = writeLoad(db)
    await neighbour.toldAtLeast(1)
    await load.stop()
    await neighbour.exited
    expect(neighbour.told[0]).toMatchObject({ written: expect.any(Number), lastError: undefined })
    expect(load.written).toBeGreaterThan(0)
    expect(walOf(db).lastError).toBeUndefined()
    expect(walFileBytes(file)).toBeLessThan(2 * walPeakMax)
    expect(await db.readValue('select * from pragma_integrity_check')).toBe('ok')
  })
})

describe('a log of a hundred MB that a killed process has left', () => {
  it('is emptied and cut, while users write and nobody’s read is ended', async () => {
    await using predecessor = childProcess(program('leave-long-log'), { args: [file] })
    await predecessor.reached('written')
    predecessor.kill()
    await predecessor.exited
    const before = walFileBytes(file)
    expect(before).toBeGreaterThan(100 * 1_048_576)
    await open({ wal: {} })
    const stop = onEnd(() => db.readArrays('select count(*) from notes', [], { class: 'background' }))
    const user = onEnd(() => db.write('insert into notes (body) values (hex(randomblob(10)))'))
    await beginsAnew(1)
    expect(await user()).toBeGreaterThan(0)
    expect(await stop()).toBeGreaterThan(0)
    await until('the file is cut', () => walFileBytes(file) < 1_048_576)
    expect(walOf(db)).toMatchObject({ pinsEnded: 0, lastError: undefined })
    expect(await db.readValue('select count(*) from blobs')).toBe(110)
  })
})

describe('an idle database', () => {
  it('has its log copied, however short it is', async () => {
    await open({ wal: {} })
    await db.write("insert into notes (body) values ('a')")
    await until('all is copied', () => isCopied(db))
    expect(walOf(db)).toMatchObject({ pressure: 'calm', lastError: undefined })
  })

  it('lets its process end by itself, with nothing left to be done', async () => {
    await using child = childProcess(program('wait-for-copy'), { args: [file] })
    expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' })
    expect(child.told).toEqual(['copied'])
    await open()
  })
})

describe('the checkpointer’s thread', () => {
  it('may die at any time: another comes, and the log stays bounded', async () => {
    const threads: Worker[] = []
    const note = (worker: Worker): void => {
      if (worker.threadName === 'lockkeeper checkpointer') threads.push(worker)
    }
    process.on('worker', note)
    await open()
    await fill(db)
    const load = writeLoad(db)
    for (let deaths = 1; deaths <= 3; deaths++) {
      await beginsAnew(1)
      await threads.at(-1)?.terminate()
      await until('another has come', () => threads.length > deaths)
    }
    await beginsAnew(2)
    await load.stop()
    process.off('worker', note)
    expect(walOf(db).peakBytes).toBeLessThan(walPeakMax)
    expect(pinned).toEqual([])
  })
})

it('the writer’s thread may die while it writes: the log is kept short by the next one', async () => {
  await open()
  await fill(db)
  const died = gate()
  db.on('thread-restarted', () => died.open())
  const load = writeLoad(db)
  await beginsAnew(1)
  await db.call.notes.dieLater({ id: 1_000, body: 'last words' })
  await died.opened
  await beginsAnew(2)
  await load.stop()
  expect(walOf(db).peakBytes).toBeLessThan(walPeakMax)
})
