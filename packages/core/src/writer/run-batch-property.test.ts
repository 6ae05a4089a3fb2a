// Promises 3 and 10 together: whatever a batch is made of, exactly the good items' rows are there, every item was told the
// truth, and the commit record says the same.
import { seeded, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import { failingTable } from '../../fixtures/notes-procedures.ts'
import type { WriteWork } from './batch.ts'

/** An item, and the notes that are there afterwards if it is good; `undefined` where it is bad. */
interface Planned {
  readonly work: WriteWork
  readonly adds: readonly number[] | undefined
}

const statement = (sql: string): WriteWork => ({ kind: 'statement', sql, parameters: undefined })
const procedure = (name: string, id: number): WriteWork => ({
  kind: 'procedure',
  name: `notes.${name}`,
  input: { id, body: `note ${id}` },
})

/** By name, so that a failing run reads well. `id` and the nine after it are the item's own; note 0 is there already. */
const makers: Readonly<Record<string, (id: number) => Planned>> = {
  insert: (id) => ({ work: statement(`insert into notes (id) values (${id})`), adds: [id] }),
  'insert returning': (id) => ({
    work: statement(`insert into notes (id) values (${id}), (${id + 1}) returning id`),
    adds: [id, id + 1],
  }),
  'insert or ignore': () => ({ work: statement('insert or ignore into notes (id) values (0)'), adds: [] }),
  atomic: (id) => ({
    work: {
      kind: 'atomic',
      statements: [
        [`insert into notes (id) values (${id})`, undefined],
        ['insert into notes (id) values (?)', [id + 1]],
      ],
    },
    adds: [id, id + 1],
  }),
  procedure: (id) => ({ work: procedure('add', id), adds: [id] }),
  'procedure around an error': (id) => ({ work: procedure('addAroundAnError', id), adds: [id, id + 1] }),
  'link to a note': (id) => ({ work: statement(`insert into links (id, note) values (${id}, 0)`), adds: [] }),
  constraint: () => ({ work: statement('insert into notes (id) values (0)'), adds: undefined }),
  'or fail': (id) => ({
    work: statement(`insert or fail into notes (id) values (${id}), (0)`),
    adds: undefined,
  }),
  'on conflict fail': (id) => ({
    work: statement(`insert into firsts (id) values (${id}), (${id})`),
    adds: undefined,
  }),
  'or rollback': (id) => ({
    work: statement(`insert or rollback into notes (id) values (${id}), (0)`),
    adds: undefined,
  }),
  'link to nowhere': (id) => ({
    work: statement(`insert into links (id, note) values (${id}, -1)`),
    adds: undefined,
  }),
  'syntax error': () => ({ work: statement('insert notes'), adds: undefined }),
  refused: () => ({ work: statement('; commit'), adds: undefined }),
  'atomic, half-way': (id) => ({
    work: {
      kind: 'atomic',
      statements: [
        [`insert into notes (id) values (${id})`, undefined],
        ['insert into notes (id) values (0)', undefined],
      ],
    },
    adds: undefined,
  }),
  'procedure, half-way': (id) => ({ work: procedure('addAndThrow', id), adds: undefined }),
  'async procedure': (id) => ({ work: procedure('addLater', id), adds: undefined }),
  'swallowed rollback': (id) => ({ work: procedure('swallowRollback', id), adds: undefined }),
  'unknown procedure': (id) => ({ work: procedure('nowhere', id), adds: undefined }),
}
const needsFirsts = 'on conflict fail'
const batches = fc
  .array(fc.constantFrom(...Object.keys(makers)), { minLength: 1, maxLength: 14 })
  .chain((chosen) =>
    fc.boolean().map((failing) => (failing ? chosen : chosen.filter((name) => name !== needsFirsts))),
  )
  .filter((chosen) => chosen.length > 0)
  .map((chosen) => ({ chosen, failing: chosen.includes(needsFirsts) }))

/** @param failing with a table that has FAIL in its definition: plain statements get a savepoint then, and not otherwise. */
function reset(room: EngineRoom, failing: boolean): void {
  room.connection.script(`
    delete from links; delete from notes; insert into notes (id) values (0);
    drop table if exists firsts; ${failing ? failingTable : ''}`)
}

describe('a batch of good and bad items', () => {
  it('leaves exactly what the good ones wrote, and answers every item truthfully', async () => {
    await using folder = await temporaryFolder()
    const room = await engineRoom(folder.file('a.db'))
    await fc.assert(
      fc.asyncProperty(batches, async ({ chosen, failing }) => {
        reset(room, failing)
        const planned = chosen.map((name, item) => {
          const make = makers[name]
          if (make === undefined) throw new Error(`There is no maker ${name}`)
          return make((item + 1) * 10)
        })
        const outcomes = await room.runAll(planned.map(({ work }) => work))
        const told = outcomes.map(({ outcome }) => outcome)
        expect(told).toEqual(planned.map(({ adds }) => (adds === undefined ? 'not-stored' : 'committed')))
        const expected = [0, ...planned.flatMap(({ adds }) => adds ?? [])]
        expect(room.column('select id from notes order by id')).toEqual(expected)
        expect(room.column('select count(*) from links')).toEqual([
          chosen.filter((name) => name === 'link to a note').length,
        ])
        if (failing) expect(room.column('select count(*) from firsts')).toEqual([0])
        expect(room.connection.inTransaction).toBe(false)
      }),
      seeded('batches of good and bad items', 150),
    )
    room.connection.close()
  })

  it('leaves a commit record from which the same outcomes can be told', async () => {
    await using folder = await temporaryFolder()
    const room = await engineRoom(folder.file('a.db'))
    await fc.assert(
      fc.asyncProperty(batches, async ({ chosen, failing }) => {
        reset(room, failing)
        const works = chosen.map((name, item) => makers[name]?.((item + 1) * 10).work as WriteWork)
        const before = room.record()
        const { answers, outcomes } = await room.run(works)
        const record = room.record()
        if (answers.commits === 0) {
          expect(record).toEqual(before)
          expect(outcomes.every(({ outcome }) => outcome === 'not-stored')).toBe(true)
          return
        }
        expect(record.batch).toBe(answers.id)
        const failed = new Set(record.failed)
        for (const [item, { outcome }] of outcomes.entries()) {
          const recorded = item < record.answered && !failed.has(item) ? 'committed' : 'not-stored'
          expect(`item ${item} ${recorded}`).toBe(`item ${item} ${outcome}`)
        }
      }),
      seeded('commit records of batches', 150),
    )
    room.connection.close()
  })
})
