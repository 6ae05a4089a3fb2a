// Promises 7, 9 and 15 for streams: every row in order, no more of them in memory than the consumer can take, and a reader that
// comes back however the consumer leaves.
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { chunkRowsMax } from '../limits.ts'
import type { StreamOptions } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase

const open = (file: string): Promise<NotesDatabase> =>
  openNotes(folder.file(file), {
    readers: { interactive: 2, background: 1 },
    connection: new URL('../../fixtures/stream-setup.ts', import.meta.url),
  })

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await open('a.db')
})

afterEach(async () => {
  await until('every reader is back', () =>
    db.report().states.readers.every((state) => state.endsWith('idle')),
  )
  expect(db.report().readers).toMatchObject({
    interactive: { readers: 2, lent: 0, waiting: 0 },
    background: { readers: 1, lent: 0, waiting: 0 },
    retired: { alive: 0, byLabel: {} },
  })
  expect(db.report().restarts.readers).toBe(0)
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const numbers = 'with recursive n (i) as (select 0 union all select i + 1 from n limit ?) select i from n'
const many = chunkRowsMax * 5 + 7

const stream = (options: StreamOptions = {}) => db.stream<{ i: number }>(numbers, [many], options)

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows) list.push(row)
  return list
}

describe('a stream', () => {
  it('has every row, in order', async () => {
    expect((await all(stream())).map(({ i }) => i)).toEqual(Array.from({ length: many }, (_, i) => i))
  })

  it('of exactly one chunk, one row, none', async () => {
    for (const limit of [chunkRowsMax, 1]) expect(await all(db.stream(numbers, [limit]))).toHaveLength(limit)
    expect(await all(db.stream('select 1 as one where false'))).toEqual([])
  })

  it('sees one state while writes go on', async () => {
    await db.writeMany(
      'insert into notes (id) values (?)',
      Array.from({ length: many }, (_, id) => [id]),
    )
    let seen = 0
    for await (const { id } of db.stream<{ id: number }>('select id from notes order by id')) {
      if (id === 10) await db.write('delete from notes')
      seen++
    }
    expect(seen).toBe(many)
    expect(await db.readValue('select count(*) from notes')).toBe(0)
  })

  it('hands out bytes as Buffers, and large integers as better-sqlite3 does', async () => {
    const rows = db.stream(
      "select x'0102' as bytes, zeroblob(0) as none, null as missing, 1.5 as real, 'ü' as text",
    )
    expect(await all(rows)).toEqual([
      { bytes: Buffer.from([1, 2]), none: Buffer.alloc(0), missing: null, real: 1.5, text: 'ü' },
    ])
    for await (const { blob } of db.stream<{ blob: Buffer }>(
      'with recursive n (i) as (select 1 union all select i + 1 from n limit 300) select randomblob(i * 100) as blob from n',
    ))
      expect(Buffer.isBuffer(blob)).toBe(true)
  })

  it('may be asked for several rows before any has come, as a generator may', async () => {
    const rows = stream()
    const asked = Array.from({ length: chunkRowsMax * 2 }, () => rows.next())
    expect((await Promise.all(asked)).map(({ value }) => value?.i)).toEqual(
      Array.from({ length: chunkRowsMax * 2 }, (_, i) => i),
    )
    await rows.return?.()
    expect(await rows.next()).toEqual({ value: undefined, done: true })
  })
})

describe('the reader comes back', () => {
  it('when the loop is left: at once, to whoever waits for it', async () => {
    const waiting: Promise<unknown>[] = []
    let seen = 0
    for await (const _ of stream()) {
      if (waiting.length === 0) waiting.push(db.snapshot((s) => s.readValue('select 1')))
      if (++seen === chunkRowsMax + 3) break
    }
    expect(await Promise.all(waiting)).toEqual([1])
    expect(seen).toBe(chunkRowsMax + 3)
  })

  it('when the loop throws, with the loop’s own error', async () => {
    const mine = new RangeError('changed my mind')
    const reading = async (): Promise<void> => {
      for await (const { i } of stream()) if (i === 600) throw mine
    }
    await expect(reading()).rejects.toBe(mine)
  })

  it('or was never taken: return() before the first row', async () => {
    const rows = stream()
    expect(await rows.return?.()).toEqual({ value: undefined, done: true })
    expect(await rows.next()).toEqual({ value: undefined, done: true })
    expect(db.report().readers.interactive).toMatchObject({ busy: 0, waiting: 0 })
  })

  it('when the first row was asked for and not waited for', async () => {
    const rows = stream()
    const first = rows.next()
    await rows.return?.()
    expect(await first).toEqual({ value: undefined, done: true })
  })
})

describe('an error in the middle', () => {
  it.each([100, chunkRowsMax - 1, chunkRowsMax, chunkRowsMax * 2 + 1])(
    'at row %i comes after all rows before it',
    async (row) => {
      const rows = db.stream<{ i: number }>(
        'with recursive n (i) as (select 0 union all select i + 1 from n limit 5000) select unless(i, ?) as i from n',
        [row],
        { label: 'notes.walk' },
      )
      const seen: number[] = []
      const reading = async (): Promise<void> => {
        for await (const { i } of rows) seen.push(i)
      }
      await expect(reading()).rejects.toMatchObject({
        stage: 'read',
        label: 'notes.walk',
        message: `there is no ${row}`,
      })
      expect(seen).toEqual(Array.from({ length: row }, (_, i) => i))
    },
  )

  it('of SQLite’s own likewise, and bad SQL fails the first row', async () => {
    const rows = db.stream<{ i: number }>(
      'with recursive n (i) as (select 0 union all select i + 1 from n limit 50) select i, abs(case i when 20 then -9223372036854775808 else 1 end) as a from n',
    )
    for (let i = 0; i < 20; i++) expect((await rows.next()).value).toEqual({ i, a: 1 })
    await expect(rows.next()).rejects.toMatchObject({
      code: 'sqlite-error',
      message: expect.stringContaining('overflow'),
    })
    await expect(db.stream('select from').next()).rejects.toMatchObject({ code: 'sqlite-error' })
    await expect(db.stream('select ?', []).next()).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})

describe('backpressure', () => {
  const seenSoFar = () => db.readValue<number>('select rows_seen()', [], { class: 'background' })
  const counted =
    'with recursive n (i) as (select 0 union all select i + 1 from n limit 100000) select counted(i) as i from n'

  it('the statement stands still one chunk ahead of the consumer', async () => {
    const rows = db.stream<{ i: number }>(counted, [], { class: 'background' })
    for (let taken = 1; taken <= chunkRowsMax * 3; taken++) {
      await rows.next()
      if (taken % chunkRowsMax !== 1) continue
      // A turn of messages, in which the thread could run on.
      await db.readValue('select 1')
    }
    await rows.return?.()
    const seen = (await seenSoFar()) ?? 0
    expect(seen).toBeGreaterThanOrEqual(chunkRowsMax * 2)
    expect(seen).toBeLessThanOrEqual(chunkRowsMax * 5)
  })

  it('large rows are bounded by their bytes: a chunk is a few of them', async () => {
    const before = (await seenSoFar()) ?? 0
    const rows = db.stream(
      'with recursive n (i) as (select 0 union all select i + 1 from n limit 1000) select counted(i) as i, randomblob(100000) as blob from n',
      [],
      { class: 'background' },
    )
    await rows.next()
    await rows.return?.()
    const seen = (await seenSoFar()) ?? 0
    expect(seen - before).toBeLessThanOrEqual(6)
  })
})

it('a stream inside a stream’s loop, and reads inside both, go on: another reader is started, and leaves', async () => {
  const background = { class: 'background' } as const
  let seen = 0
  for await (const { i } of stream(background)) {
    if (i % 1_000 !== 0) continue
    for await (const inner of db.stream<{ i: number }>(numbers, [many], background)) {
      if (inner.i !== 1_500) continue
      seen += (await db.readValue<number>('select 1', [], background)) ?? 0
      break
    }
  }
  expect(seen).toBe(3)
  await until('the spare ones have left', () => {
    const { background: kind, retired } = db.report().readers
    return kind.readers === 1 && retired.alive === 0
  })
})
