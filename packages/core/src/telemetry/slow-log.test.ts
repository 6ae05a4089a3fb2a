// Design, section 10: slow work keeps its SQL, in bounded rings; parameters as shapes unless the app asks for their values.
import { expect, it } from 'vitest'
import { pendingWrite } from '../../fixtures/pending-writes.ts'
import { shapesOf } from './parameter-shapes.ts'
import { SlowLog } from './slow-log.ts'

const parameters = ['secret', 7, 1.5, 7n, null, new Uint8Array(4_096)]
const write = (sql: string) =>
  pendingWrite({ work: { kind: 'statement', sql, parameters }, label: 'notes.add' })
const noPlan = () => undefined

it('keeps the SQL and the shapes of its parameters, not their values', () => {
  const log = new SlowLog({ slowMs: 100, values: false, now: () => 1_000 })
  log.write(write('insert …'), 5, 120, 1)
  expect(log.report(() => ['SCAN notes'])).toEqual([
    {
      ...{ kind: 'write', at: 1_000, label: 'notes.add', lane: 'user', class: undefined, sql: 'insert …' },
      parameters: ['text(6)', 'integer', 'real', 'integer', 'null', 'blob(4096)'],
      ...{ waitMs: 5, runMs: 120, rows: 1, plan: ['SCAN notes'] },
    },
  ])
})

it('keeps values where it is told to, shortened; of blobs it never does', () => {
  const log = new SlowLog({ slowMs: 100, values: true })
  const long = pendingWrite({ work: { kind: 'statement', sql: 'x', parameters: { id: 'a'.repeat(5_000) } } })
  log.write(write('insert …'), 5, 120, 1)
  log.write(long, 5, 120, 1)
  const [first, second] = log.report(noPlan)
  expect(first?.parameters).toEqual(['"secret"', '7', '1.5', '7', 'null', 'blob(4096)'])
  expect(second?.parameters[0]?.length).toBeLessThan(120)
})

it('keeps the last fifty of each kind, oldest first, whatever comes', () => {
  let now = 0
  const log = new SlowLog({ slowMs: 100, values: false, now: () => now++ })
  for (let n = 0; n < 120; n++) {
    log.write(write(`${n} ${'x'.repeat(10_000)}`), 0, 200, 1)
    log.begin(write(''), 300)
  }
  const kept = log.report(noPlan)
  const ofKind = (kind: string) => kept.filter((entry) => entry.kind === kind)
  expect([ofKind('write').length, ofKind('begin').length]).toEqual([50, 50])
  expect(ofKind('write')[0]?.sql).toMatch(/^70 x/)
  expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).sort((one, other) => one - other))
  expect(log.bytes).toBeLessThan(50 * 5_000)
})

it('shows as many parameters as anybody reads', () => {
  const shapes = shapesOf(Array.from({ length: 3_000 }, (_, n) => n))
  expect([shapes.length, shapes.at(-1)]).toEqual([51, '…'])
  expect(shapesOf({ id: 'a' })).toEqual([':id text(1)'])
})

it('tells of statements that can be explained: of lists of several and of procedures there is no plan', () => {
  const log = new SlowLog({ slowMs: 100, values: true })
  const told: string[] = []
  log.onStatement = (sql) => told.push(sql)
  log.write(write('insert …'), 0, 200, 1)
  log.write(pendingWrite({ work: { kind: 'procedure', name: 'peers.upsert', input: 1 } }), 0, 200, 0)
  const list = (...texts: string[]) =>
    pendingWrite({ work: { kind: 'atomic', statements: texts.map((sql) => [sql, undefined]) } })
  log.write(list('update a', 'update b'), 0, 200, 0)
  log.write(list('update c'), 0, 200, 0)
  expect(told).toEqual(['insert …', 'update c'])
  expect(log.report(noPlan).map(({ sql }) => sql)).toEqual([
    'insert …',
    undefined,
    'update a;\nupdate b',
    'update c',
  ])
})
