// What is left to run of a schema's history: decided before anything is touched.
import { seeded } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import { type AppliedMigration, checksumOf, type Migration } from './migration.ts'
import { planMigrations } from './plan.ts'

const step = (set: string, id: number, sql = `create table ${set}_${id} (a)`): Migration => ({
  set,
  id,
  name: `step ${id}`,
  sql,
})
const applied = (migration: Migration): AppliedMigration => ({
  set: migration.set,
  id: migration.id,
  name: migration.name,
  checksum: checksumOf(migration),
})
const [app1, app2, app3, lib1, lib2] = [
  step('app', 1),
  step('app', 2),
  step('app', 3),
  step('lib', 1),
  step('lib', 2),
]

function refusalOf(wanted: readonly Migration[], done: readonly AppliedMigration[]): LockkeeperError {
  try {
    planMigrations(wanted, done)
  } catch (thrown) {
    if (isLockkeeperError(thrown)) return thrown
    throw thrown
  }
  throw new Error('It was not refused')
}

describe('the plan', () => {
  it.each<[string, Migration[], Migration[], Migration[]]>([
    ['of nothing', [], [], []],
    ['of a new file', [app1, app2], [], [app1, app2]],
    ['of a file that is up to date', [app1, app2], [app1, app2], []],
    ['of the steps that are new', [app1, app2, app3], [app1], [app2, app3]],
    ['in the order of ids, however listed', [app3, app1, app2], [app1], [app2, app3]],
    ['of two sets, in the order in which they are named', [lib1, app1, lib2], [], [lib1, lib2, app1]],
    ['of two sets, each with its own numbering', [app1, lib1, lib2], [app1, lib1], [lib2]],
    ['with a set in the file that is another’s business', [app1, app2], [app1, lib1, lib2], [app2]],
    ['with gaps between ids', [app1, app3], [app1], [app3]],
  ])('%s', (_, wanted, done, left) => {
    expect(planMigrations(wanted, done.map(applied))).toEqual(left)
  })

  it.each<[string, Migration[], AppliedMigration[], string, RegExp]>([
    [
      'a file from the future',
      [app1],
      [applied(app1), applied(app2)],
      'history-newer',
      /app\/2 .*newer version/,
    ],
    [
      'a step whose text has changed',
      [step('app', 1, 'create table b (b)')],
      [applied(app1)],
      'history-changed',
      /new migration/,
    ],
    [
      'a step put before one that has run',
      [app1, app2],
      [applied(app2)],
      'history-changed',
      /app\/1 .*higher id/,
    ],
    ['two steps of one number', [app1, step('app', 1, 'x')], [], 'invalid-argument', /app\/1/],
  ])('refuses %s, and says what to do', (_, wanted, done, code, message) => {
    const refusal = refusalOf(wanted, done)
    expect(refusal).toMatchObject({ code, stage: 'open', message: expect.stringMatching(message) })
  })

  it('goes by the text, not by the name: a step may be renamed', () => {
    expect(planMigrations([{ ...app1, name: 'called otherwise' }], [applied(app1)])).toEqual([])
  })
})

describe('any history', () => {
  const history = fc
    .uniqueArray(fc.record({ set: fc.constantFrom('a', 'b', 'c'), id: fc.integer({ min: 1, max: 20 }) }), {
      selector: ({ set, id }) => `${set}/${id}`,
      maxLength: 30,
    })
    .map((keys) => keys.map(({ set, id }) => step(set, id)))

  it('is run to its end in steps, whatever part of it had run before, each once and in order', () => {
    fc.assert(
      fc.property(history, fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(20)), (wanted, reached) => {
        const done = wanted.filter(({ set, id }) => id <= (reached[set] ?? 0))
        const left = planMigrations(wanted, done.map(applied))
        expect(new Set([...done, ...left])).toEqual(new Set(wanted))
        expect(left).toHaveLength(wanted.length - done.length)
        for (const set of ['a', 'b', 'c']) {
          const ids = left.filter((migration) => migration.set === set).map(({ id }) => id)
          expect(ids).toEqual(ids.toSorted((a, b) => a - b))
        }
        expect(planMigrations(wanted, [...done, ...left].map(applied))).toEqual([])
      }),
      seeded('plans of histories', 300),
    )
  })

  it('is refused as newer as soon as a step of a named set is missing', () => {
    fc.assert(
      fc.property(history, fc.nat(), (wanted, at) => {
        const missing = wanted[at % Math.max(1, wanted.length)]
        if (missing === undefined) return
        const known = wanted.filter((migration) => migration !== missing)
        fc.pre(known.some(({ set }) => set === missing.set))
        expect(refusalOf(known, wanted.map(applied)).code).toBe('history-newer')
      }),
      seeded('histories with a step missing', 200),
    )
  })
})
