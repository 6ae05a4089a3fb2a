// What a write may ask for beside its lane: order after another's ticket, a key to be repeated by, handed-over bytes, many
// rows at once, or nothing at all (an offer).
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idsOf, type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { lanes: { background: { capacity: 2 }, sync: { capacity: 2 } } })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id) values (?)'

/** Keeps the writer busy with one write until the gate opens. */
async function busyWriter() {
  const gate = threadGate()
  const running = db.call.notes.addWhenOpen({ id: 1_000, body: 'held', gate: gate.buffer })
  void running.outcome()
  await gate.reached
  return gate
}

describe('after a ticket', () => {
  it('a write waits for one in a less urgent lane, which would have come later by itself', async () => {
    const gate = await busyWriter()
    const order: string[] = []
    const first = db.write(insert, [1], { lane: 'background' })
    const second = db.write(insert, [2], { after: first })
    const third = db.write(insert, [3])
    void first.outcome().then(() => order.push('first'))
    void second.outcome().then(() => order.push('second'))
    void third.outcome().then(() => order.push('third'))
    expect(second.seq).toBeUndefined()
    gate.open()
    await Promise.all([first, second, third])
    expect(order).toEqual(['third', 'first', 'second'])
  })

  it('that fails the write goes on: only the order was asked for', async () => {
    const failing = db.write('insert into nowhere values (1)', [], { lane: 'background' })
    await db.write(insert, [1], { after: failing })
    expect((await failing.outcome()).outcome).toBe('not-stored')
    expect(await idsOf(db)).toEqual([1])
  })

  it('is refused for what is no ticket of this package', async () => {
    const outcome = await db.write(insert, [1], { after: Promise.resolve() as never }).outcome()
    expect(outcome).toMatchObject({ outcome: 'not-stored', error: { code: 'invalid-argument' } })
  })
})

describe('an idempotency key', () => {
  it('makes a repeated write answer with the result it had, not run again', async () => {
    const write = () =>
      db.write<{ id: number }>('insert into notes (body) values (?) returning id', ['a'], {
        idempotencyKey: 'k1',
      })
    const first = await write()
    expect(await write()).toEqual(first)
    expect(first.rows).toEqual([{ id: 1 }])
    expect(await idsOf(db)).toEqual([1])
  })

  it('is not kept by a write that failed, which may be repeated', async () => {
    await db.write(insert, [1])
    const options = { idempotencyKey: 'k2' }
    expect((await db.write(insert, [1], options).outcome()).outcome).toBe('not-stored')
    await db.write(insert, [2], options)
    expect(await idsOf(db)).toEqual([1, 2])
  })

  it('holds across openings, for procedures and atomic lists too', async () => {
    const once = async (): Promise<void> => {
      await db.call.notes.add({ id: 1, body: 'a' }, { idempotencyKey: 'k3' })
      await db.writeAtomic(
        [
          [insert, [2]],
          [insert, [3]],
        ],
        { idempotencyKey: 'k4' },
      )
    }
    await once()
    await db.close()
    db = await openNotes(folder.file('a.db'))
    await once()
    expect(await idsOf(db)).toEqual([1, 2, 3])
  })
})

describe('bytes', () => {
  it('are copied when the write is admitted: what the caller does with them later changes nothing', async () => {
    const bytes = new Uint8Array([1, 2, 3])
    const ticket = db.write('insert into notes (id, body) values (1, hex(?))', [bytes])
    bytes.fill(9)
    await ticket
    expect(await db.readValue('select body from notes')).toBe('010203')
  })

  it('are handed over on request, and gone for the caller', async () => {
    const bytes = new Uint8Array([1, 2, 3])
    const ticket = db.write('insert into notes (id, body) values (1, hex(?))', [bytes], { transfer: true })
    expect(bytes.length).toBe(0)
    await ticket
    expect(await db.readValue('select body from notes')).toBe('010203')
  })
})

describe('many rows', () => {
  it('are stored all or none, in one transaction, and counted together', async () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => [n + 1])
    const { batches } = db.report()
    expect(await db.writeMany(insert, rows, { lane: 'sync' })).toMatchObject({ changes: 5_000 })
    expect(db.report().batches).toBe(batches + 1)
    const failing = await db.writeMany(insert, [[9_001], [9_002], [1]]).outcome()
    expect(failing).toMatchObject({ outcome: 'not-stored', error: { code: 'sqlite-constraint-primarykey' } })
    expect('error' in failing && failing.error.message).toContain('Row 2')
    expect((await idsOf(db)).length).toBe(5_000)
  })

  it.each([
    ['rows of different length', [[1], [2, 3]]],
    ['a row that is no row', [[1], 7]],
    ['a value that cannot be bound', [[{}]]],
    ['no rows at all but a number', 7],
  ])('refuse %s with the way to do it', async (_, rows) => {
    const outcome = await db.writeMany(insert, rows as never).outcome()
    expect(outcome).toMatchObject({ outcome: 'not-stored', error: { code: 'invalid-argument' } })
    expect(await idsOf(db)).toEqual([])
  })
})

describe('an offer', () => {
  it('is taken in or not, at once; what found the lane full, or failed later, is counted by label and cause', async () => {
    const gate = await busyWriter()
    const taken = [1, 2, 3, 1].map((id) => db.offer(insert, [id], { label: 'notes.touch' }))
    expect(taken).toEqual([true, true, false, false])
    gate.open()
    await until('the offers are stored', () => db.report().lanes.background.committed === 2)
    expect(db.offer(insert, [1], { label: 'notes.touch' })).toBe(true)
    await db.write(insert, [6], { lane: 'background' })
    expect(db.report().drops).toEqual({
      'notes.touch': { 'lane-full': 2, 'sqlite-constraint-primarykey': 1 },
    })
    expect(db.report().lanes.background.dropped).toBe(2)
  })

  it('never throws, whatever is handed in', () => {
    expect(db.offer(7 as never)).toBe(false)
    expect(db.offer(insert, [() => 1] as never)).toBe(false)
  })
})

describe('the overflow `wait`', () => {
  it('gives a ticket at once and its number at admission, in order', async () => {
    const gate = await busyWriter()
    const tickets = [1, 2, 3, 4].map((id) => db.write(insert, [id], { lane: 'sync' }))
    expect(tickets.map(({ seq }) => seq !== undefined)).toEqual([true, true, false, false])
    expect(db.report().lanes.sync).toMatchObject({ depth: 2, waiting: 2 })
    gate.open()
    await Promise.all(tickets)
    const numbers = tickets.map(({ seq }) => seq ?? 0)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })
})
