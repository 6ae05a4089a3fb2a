// Promises 7, 8, 9 and 15 for snapshots: several reads see one state, the reader comes back whatever ends the scope, and reads
// inside scopes never wait for each other.
import { gate, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, type NotesModules, openNotes } from '../../fixtures/open-notes.ts'
import type { Snapshot } from './types.ts'

let folder: TemporaryFolder
/** Two interactive readers, so that one scope has a reader at a time, and one for background work. */
let db: NotesDatabase
const started: Promise<unknown>[] = []

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { readers: { interactive: 2, background: 1 } })
})

afterEach(async () => {
  await Promise.allSettled(started.splice(0))
  await until('every reader is back', () =>
    db.report().states.readers.every((state) => state.endsWith('idle')),
  )
  expect(db.report().readers).toMatchObject({
    interactive: { readers: 2, lent: 0, waiting: 0 },
    background: { readers: 1, lent: 0, waiting: 0 },
    retired: { alive: 0, byLabel: {} },
  })
  await db.write('delete from notes')
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const count = 'select count(*) from notes'
const insert = 'insert into notes (id, body) values (?, ?)'

describe('the reads of a snapshot', () => {
  it('see one state while writes go on; the state is that of its beginning, not of its first read', async () => {
    await db.write(insert, [1, 'a'])
    const seen = await db.snapshot(async (s) => {
      await db.write(insert, [2, 'b'])
      const before = await s.readValue(count)
      await db.write(insert, [3, 'c'])
      return [
        before,
        await s.readColumn('select id from notes'),
        await s.readFirst('select id from notes order by id desc'),
        await s.readArrays('select id, body from notes'),
        await s.read({ sql: 'select body from notes where id = ?', parameters: [1] }),
        await s.call.notes.list(undefined),
        await db.readValue(count),
      ]
    })
    expect(seen).toEqual([1, [1], { id: 1 }, [[1, 'a']], [{ body: 'a' }], [{ id: 1, body: 'a' }], 3])
  })

  it('may be asked all at once, and procedures may be among them', async () => {
    await db.write(insert, [1, 'a'])
    const answers = await db.snapshot((s) =>
      Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          n % 3 === 0 ? s.call.notes.list(undefined) : s.readValue('select ?', [n]),
        ),
      ),
    )
    expect(answers[0]).toEqual([{ id: 1, body: 'a' }])
    expect(answers.filter((_, n) => n % 3 !== 0)).toEqual(
      Array.from({ length: 200 }, (_, n) => n).filter((n) => n % 3 !== 0),
    )
  })

  it('may fail alone: the others go on, and see the same', async () => {
    const seen = db.snapshot(async (s) => {
      await db.write(insert, [1, 'a'])
      await expect(s.read('select * from nowhere')).rejects.toMatchObject({
        code: 'sqlite-error',
        stage: 'read',
      })
      await expect(s.read(insert, [2, 'b'])).rejects.toMatchObject({ code: 'statement-refused' })
      await expect(s.call.notes.readLater(undefined)).rejects.toMatchObject({ code: 'procedure-async' })
      return s.readValue(count)
    })
    expect(await seen).toBe(0)
  })

  it('see a write that the snapshot was asked to come after, and can’t ask for later ones', async () => {
    const ticket = db.write(insert, [1, 'a'], { lane: 'background' })
    expect(await db.snapshot((s) => s.readValue(count), { after: ticket })).toBe(1)
    const late = db.snapshot(async (s) => {
      const later = db.write(insert, [2, 'b'])
      await later
      return s.readValue(count, [], { after: later })
    })
    await expect(late).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('give after to the outermost snapshot()'),
    })
  })
})

describe('the handle', () => {
  it('dies with its scope', async () => {
    let kept: Snapshot<NotesModules> | undefined
    await db.snapshot((s) => {
      kept = s
    })
    const refusal = {
      code: 'snapshot-ended',
      stage: 'read',
      message: expect.stringContaining('await its reads'),
    }
    await expect(kept?.read('select 1')).rejects.toMatchObject(refusal)
    await expect(kept?.call.notes.list(undefined)).rejects.toMatchObject(refusal)
  })

  it('takes the reads along that nobody awaited in the scope', async () => {
    const left: Promise<unknown>[] = []
    await db.snapshot((s) => {
      for (let n = 0; n < 100; n++) left.push(s.readValue('select 1'))
    })
    for (const result of await Promise.allSettled(left))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'snapshot-ended' } })
  })

  it('of a scope inside another dies with that one, while the outer goes on', async () => {
    await db.snapshot(async (outer) => {
      const inner = await db.snapshot((s) => ({ kept: s }))
      await expect(inner.kept.read('select 1')).rejects.toMatchObject({ code: 'snapshot-ended' })
      expect(await outer.readValue('select 1')).toBe(1)
    })
  })
})

describe('a function that throws', () => {
  it('fails the scope with its own error, and its reader goes back', async () => {
    const mine = new RangeError('changed my mind')
    const throwing = db.snapshot(async (s) => {
      await s.read('select 1')
      throw mine
    })
    await expect(throwing).rejects.toBe(mine)
    const thrower = db.snapshot(() => {
      throw mine
    })
    await expect(thrower).rejects.toBe(mine)
    expect(await db.snapshot((s) => s.readValue('select 1'))).toBe(1)
  })
})

describe('a snapshot inside a snapshot', () => {
  it('of the same class sees the outer one’s state', async () => {
    const seen = await db.snapshot(async (outer) => {
      await db.write(insert, [1, 'a'])
      const inner = await db.snapshot(async (s) => [
        await s.readValue(count),
        await db.snapshot((innermost) => innermost.readValue(count)),
      ])
      return [inner, await outer.readValue(count)]
    })
    expect(seen).toEqual([[0, 0], 0])
  })

  it('of another class has its own', async () => {
    const seen = await db.snapshot(async (outer) => {
      await db.write(insert, [1, 'a'])
      return [
        await db.snapshot((s) => s.readValue(count), { class: 'background' }),
        await outer.readValue(count),
      ]
    })
    expect(seen).toEqual([1, 0])
  })

  it('has no terms of its own: what can’t be kept is refused', async () => {
    const { signal } = new AbortController()
    for (const options of [
      { deadlineMs: 5 },
      { signal },
      { ageMsMax: 5 },
      { after: db.write(insert, [1, 'a']) },
    ]) {
      await expect(db.snapshot(() => db.snapshot(() => 1, options))).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.stringContaining('to the outer'),
      })
    }
  })

  it('that has ended meanwhile has a state of its own', async () => {
    const end = gate()
    const after = await db.snapshot(() => ({
      reading: end.opened.then(() => db.snapshot((s) => s.readValue(count))),
    }))
    await db.write(insert, [1, 'a'])
    end.open()
    expect(await after.reading).toBe(1)
  })

  it('in the same turn as the outer one ends has a state of its own', async () => {
    const ended = gate()
    let reading: Promise<unknown> | undefined
    const outer = db.snapshot(() => {
      reading = ended.opened.then(() => db.snapshot((s) => s.readValue(count)))
    })
    // Its reader has not come back: the thread’s answer takes a turn of the event loop.
    await outer.then(() => ended.open())
    expect(await reading).toBe(0)
  })
})

describe('never deadlock:', () => {
  it('fifty scopes at once on two readers, with reads, procedures and scopes inside', async () => {
    const scopes = Array.from({ length: 50 }, (_, n) =>
      db.snapshot(async (s) => [
        await s.readValue('select ?', [n]),
        await db.readValue('select ?', [n]),
        await db.call.notes.list(undefined),
        await db.snapshot((inner) => inner.readValue('select ?', [n])),
        await db.snapshot(() => db.readValue('select ?', [n]), { class: 'background' }),
      ]),
    )
    expect(await Promise.all(scopes)).toEqual(Array.from({ length: 50 }, (_, n) => [n, n, [], n, n]))
  })

  it('a scope that has the only background reader, and plain background reads inside', async () => {
    const background = { class: 'background' } as const
    const seen = await db.snapshot(
      async (s) => Promise.all([s.readValue('select 1'), db.readValue('select 2', [], background)]),
      background,
    )
    expect(seen).toEqual([1, 2])
  })
})

it('a scope that has the only reader there is, and reads inside: another reader is started, and leaves', async () => {
  await using small = await openNotes(folder.file('b.db'), { readers: { interactive: 1, background: 1 } })
  const inside = async (): Promise<unknown> => small.readValue('select 2')
  const both = async (): Promise<unknown> => small.snapshot(inside, { class: 'background' })
  expect(await small.snapshot(both)).toBe(2)
  const { readers } = small.report()
  expect(readers.interactive.readers + readers.background.readers).toBeGreaterThan(2)
  await until('the spare ones have left', () => {
    const { interactive, background, retired } = small.report().readers
    return interactive.readers + background.readers === 2 && retired.alive === 0
  })
  expect(small.report()).toMatchObject({
    readers: { interactive: { readers: 1 }, background: { readers: 1 }, retired: { byLabel: {} } },
    restarts: { readers: 0 },
  })
})
