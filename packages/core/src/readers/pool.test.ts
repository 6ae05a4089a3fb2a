// Promises 7, 8 and 17 with real readers: apart from the writer, reading what was acknowledged, and replaced when they die.
import { seeded, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import type { SqlValue } from '../procedures/define.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const count = 'select count(*) from notes'

/** The innermost state of each reader, sorted. */
const readerStates = () =>
  db
    .report()
    .states.readers.map((state) => state.split('.').at(-1))
    .toSorted()

describe('a read', () => {
  it('that starts after an acknowledgement sees that write, on whichever reader (promise 8)', async () => {
    for (let id = 1; id <= 40; id++) {
      await db.call.notes.add({ id, body: `note ${id}` })
      const seen = await Promise.all(Array.from({ length: 4 }, () => db.readValue<number>(count)))
      expect(seen).toEqual([id, id, id, id])
    }
  })

  it('answers in the shape that was asked for', async () => {
    await db.write("insert into notes (id, body) values (1, 'a'), (2, 'b')")
    const sql = 'select id, body from notes where id >= ? order by id'
    expect(await db.read(sql, [1])).toEqual([
      { id: 1, body: 'a' },
      { id: 2, body: 'b' },
    ])
    expect(await db.read({ sql, parameters: [2] })).toEqual([{ id: 2, body: 'b' }])
    expect(await db.readFirst(sql, [2])).toEqual({ id: 2, body: 'b' })
    expect(await db.readFirst(sql, [3])).toBeUndefined()
    expect(await db.readValue(sql, [1])).toBe(1)
    expect(await db.readValue(sql, [3])).toBeUndefined()
    expect(await db.readColumn(sql, [1])).toEqual([1, 2])
    expect(await db.readArrays(sql, [1])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(await db.readArrays('select 1 as a, 2 as a')).toEqual([[1, 2]])
    expect(await db.read('select :x as x', { x: Buffer.from('é') })).toEqual([{ x: Buffer.from('é') }])
    expect(await db.call.notes.list()).toEqual([
      { id: 1, body: 'a' },
      { id: 2, body: 'b' },
    ])
  })

  it('brings every value back as it was bound', async () => {
    const value: fc.Arbitrary<SqlValue> = fc.oneof(
      fc.constant(null),
      fc.maxSafeInteger().map(BigInt),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 8 }), async (values) => {
        const sql =
          values.length === 0 ? 'select 1 where 0' : `select ${values.map(() => '? as v').join(', ')}`
        const expected =
          values.length === 0 ? [] : [values.map((v) => (typeof v === 'bigint' ? Number(v) : v))]
        expect(await db.readArrays(sql, values)).toEqual(expected)
      }),
      seeded('values read back', 60),
    )
  })

  it('does not wait behind a busy reader while another is free', async () => {
    const gate = threadGate()
    const slow = db.call.notes.countTwice(gate.buffer)
    await gate.reached
    for (let n = 0; n < 10; n++) expect(await db.readValue('select ?', [n])).toBe(n)
    await until('just one is at work', () => readerStates().join() === 'idle,idle,leased')
    gate.open()
    await slow
  })

  it('does not wait for a write, nor see one before it is committed', async () => {
    const gate = threadGate()
    const writing = db.call.notes.addWhenOpen({ id: 1, body: 'a', gate: gate.buffer })
    await gate.reached
    expect(await db.readValue(count)).toBe(0)
    gate.open()
    await writing
    expect(await db.readValue(count)).toBe(1)
  })

  /*
   * reader                          writer
   * ------                          ------
   * BEGIN
   * select count(*) → 0
   *                                 insert …; COMMIT
   * select count(*) → 0
   * ROLLBACK
   */
  it('by a procedure sees one state, whatever is committed meanwhile', async () => {
    const gate = threadGate()
    const reading = db.call.notes.countTwice(gate.buffer)
    await gate.reached
    await db.call.notes.add({ id: 1, body: 'a' })
    gate.open()
    expect(await reading).toEqual([0, 0])
    expect(await db.readValue(count)).toBe(1)
  })
})

describe('a reader’s thread that dies', () => {
  it('while it reads: the read is run once more elsewhere, and the thread is replaced', async () => {
    expect(await db.call.notes.dieReadingOnce(new SharedArrayBuffer(4))).toBe(0)
    await until('the reader is back', () => readerStates().every((state) => state === 'idle'))
    expect(db.report().restarts).toEqual({ writer: 0, readers: 1 })
  })

  it('twice of one read: that read is refused, others and writes go on', async () => {
    const deadly = db.call.notes.dieReading().catch((error: unknown) => error)
    const others = Array.from({ length: 20 }, (_, n) => db.readValue('select ?', [n]))
    expect(await deadly).toMatchObject({
      code: 'thread-lost',
      stage: 'read',
      label: 'notes.dieReading',
      outcome: undefined,
    })
    expect(await Promise.all(others)).toEqual([...Array(20).keys()])
    expect(await db.call.notes.add({ id: 1, body: 'a' })).toBe(1)
    expect(db.report().restarts.readers).toBe(2)
  })

  it('too often, all of them: reading stops, with the reason, and writing goes on', async () => {
    const deaths: Promise<unknown>[] = []
    for (let n = 0; n < 8; n++) deaths.push(db.call.notes.dieReading().catch((error: unknown) => error))
    const last = (await Promise.all(deaths)).at(-1)
    expect(last).toMatchObject({ code: 'reader-stopped', stage: 'read' })
    await expect(db.readValue(count)).rejects.toMatchObject({ code: 'reader-stopped' })
    expect(await db.call.notes.add({ id: 1, body: 'a' })).toBe(1)
    expect(await db.close()).toEqual({ notWritten: { user: 0, sync: 0, background: 0 } })
  })
})
