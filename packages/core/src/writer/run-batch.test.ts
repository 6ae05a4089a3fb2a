// Promise 10 (one bad item fails alone) and promise 3 (one honest outcome), operation by operation, on the real engine.
// Every operation runs twice: between two good neighbours, and alone in its transaction.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom, type RanBatch } from '../../fixtures/batch-runner.ts'
import { failingTable } from '../../fixtures/notes-procedures.ts'
import type { ErrorCode, Stage } from '../errors/codes.ts'
import type { WriteWork } from './batch.ts'

let folder: TemporaryFolder
let room: EngineRoom

beforeEach(async () => {
  folder = await temporaryFolder()
  room = await engineRoom(folder.file('a.db'))
  room.connection.script("insert into notes (id, body) values (1, 'taken')")
})

afterEach(async () => {
  expect(room.connection.inTransaction).toBe(false)
  room.connection.close()
  await folder[Symbol.asyncDispose]()
})

const statement = (sql: string, parameters?: readonly (string | number)[]): WriteWork => ({
  kind: 'statement',
  sql,
  parameters,
})
const procedure = (name: string, input?: unknown): WriteWork => ({
  kind: 'procedure',
  name: `notes.${name}`,
  input,
})
const atomic = (...statements: string[]): WriteWork => ({
  kind: 'atomic',
  statements: statements.map((sql) => [sql, undefined]),
})
const note = { id: 50, body: 'mine' }

/** An operation that fails, and what its error says. Whatever it did before it failed must be gone. */
const failing: readonly (readonly [string, WriteWork, ErrorCode, Stage])[] = [
  [
    'a plain constraint',
    statement('insert into notes (id) values (1)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'a row of several',
    statement('insert into notes (id) values (50), (51), (1)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'OR FAIL, after two rows',
    statement('insert or fail into notes (id) values (50), (51), (1)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'OR FAIL behind a comment',
    statement('insert or/* */fail into notes (id) values (50), (51), (1)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'UPDATE OR FAIL, after a row',
    atomic(
      'insert into notes (id, weight) values (50, 2), (51, 0)',
      'update or fail notes set weight = weight - 1 where id >= 50',
    ),
    'sqlite-constraint-check',
    'execute',
  ],
  [
    'OR ROLLBACK',
    statement('insert or rollback into notes (id) values (50), (1)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'ON CONFLICT FAIL in the table’s definition',
    statement('insert into firsts (id) values (50), (51), (50)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'a deferred foreign key',
    statement('insert into links (note) values (404)'),
    'sqlite-constraint-foreignkey',
    'commit',
  ],
  ['SQL that does not parse', statement('insert notes into'), 'sqlite-error', 'execute'],
  [
    'several statements',
    statement('insert into notes (id) values (50); delete from notes'),
    'invalid-argument',
    'execute',
  ],
  ['an empty text', statement(''), 'statement-refused', 'execute'],
  ['a query', statement('select * from notes'), 'statement-refused', 'execute'],
  ['a COMMIT', statement('commit'), 'statement-refused', 'execute'],
  ['a disguised ROLLBACK', statement('/* */;rollback'), 'statement-refused', 'execute'],
  [
    'too few parameters',
    statement('insert into notes (id, body) values (?, ?)', [50]),
    'invalid-argument',
    'execute',
  ],
  [
    'an atomic list, half-way',
    atomic(
      'insert into notes (id) values (50)',
      'insert into notes (id) values (1)',
      'insert into notes (id) values (51)',
    ),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  [
    'an atomic list with OR ROLLBACK',
    atomic('insert into notes (id) values (50)', 'insert or rollback into notes (id) values (1)'),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  ['a procedure, half-way', procedure('addAndThrow', note), 'procedure-failed', 'execute'],
  [
    'a procedure that lets a SQL error pass',
    procedure('add', { id: 1, body: 'x' }),
    'sqlite-constraint-primarykey',
    'execute',
  ],
  ['a procedure that is async', procedure('addLater', note), 'procedure-async', 'execute'],
  [
    'a procedure that swallows the end of its transaction',
    procedure('swallowRollback', note),
    'transaction-ended',
    'execute',
  ],
  [
    'a procedure that writes on after that end',
    procedure('writeAfterRollback', note),
    'transaction-ended',
    'execute',
  ],
  ['an unknown procedure', procedure('nowhere', note), 'unknown-procedure', 'execute'],
  ['a reading procedure called to write', procedure('list'), 'unknown-procedure', 'execute'],
]

const good = (id: number): WriteWork =>
  statement('insert into notes (id, body) values (?, ?)', [id, `note ${id}`])

describe.each(failing)('%s', (name, work, code, stage) => {
  const inFirsts = name.includes('table’s definition')
  beforeEach(() => {
    if (inFirsts) room.connection.script(failingTable)
  })
  const elsewhere = () => room.column(`select id from ${inFirsts ? 'firsts' : 'links'}`)

  const failure = {
    outcome: 'not-stored',
    error: expect.objectContaining({ code, stage, outcome: 'not-stored' }),
  }

  it('fails alone among good neighbours, which are stored once', async () => {
    const outcomes = await room.runAll([good(10), work, procedure('add', { id: 11, body: 'b' }), good(12)])
    expect(outcomes).toMatchObject([
      { outcome: 'committed' },
      failure,
      { outcome: 'committed' },
      { outcome: 'committed' },
    ])
    expect(room.column('select id from notes order by id')).toEqual([1, 10, 11, 12])
    expect(elsewhere()).toEqual([])
  })

  it('fails as the first and as the last of a batch', async () => {
    const outcomes = await room.runAll([work, good(10), good(11), work])
    expect(outcomes).toMatchObject([failure, { outcome: 'committed' }, { outcome: 'committed' }, failure])
    expect(room.column('select id from notes order by id')).toEqual([1, 10, 11])
  })

  it('leaves nothing when it is alone in its transaction', async () => {
    const outcomes = await room.runAll([work])
    expect(outcomes).toMatchObject([failure])
    expect(room.column('select id from notes')).toEqual([1])
    expect(elsewhere()).toEqual([])
    expect(await room.runAll([good(10)])).toMatchObject([{ outcome: 'committed' }])
  })

  it('fails each of many such', async () => {
    const outcomes = await room.runAll([work, work, good(10), work])
    expect(outcomes).toMatchObject([failure, failure, { outcome: 'committed' }, failure])
    expect(room.column('select id from notes order by id')).toEqual([1, 10])
  })
})

describe.each(['rollback', 'abort', 'fail'])('RAISE(%s) in a trigger', (action) => {
  beforeEach(() => {
    room.connection.script(`
      create trigger refusal after insert on notes when new.body = 'refuse' begin
        select raise(${action}, 'refused by the trigger');
      end`)
  })
  const bad = statement("insert into notes (id, body) values (50, 'first'), (51, 'refuse')")
  const failure = {
    outcome: 'not-stored',
    error: expect.objectContaining({ code: 'sqlite-constraint-trigger', message: 'refused by the trigger' }),
  }

  it.each([
    ['with neighbours', [good(10), bad, good(11)], [1, 10, 11]],
    ['alone', [bad], [1]],
  ])('fails its own statement as a whole, %s', async (_, works, left) => {
    const outcomes = await room.runAll(works)
    for (const [item, outcome] of outcomes.entries())
      expect(outcome).toMatchObject(works[item] === bad ? failure : { outcome: 'committed' })
    expect(room.column('select id from notes order by id')).toEqual(left)
  })

  const trigger = `create trigger late after insert on notes when new.body = 'refuse' begin
    select raise(${action}, 'refused by the trigger');
  end`
  it.each([
    ['a statement', statement(trigger)],
    ['an atomic list', atomic(trigger)],
    ['a procedure', procedure('change', trigger)],
  ])('is heeded by the items after it, when %s of the same batch made it', async (_, make) => {
    room.connection.script('drop trigger refusal')
    const outcomes = await room.runAll([make, bad, good(10)])
    expect(outcomes).toMatchObject([{ outcome: 'committed' }, failure, { outcome: 'committed' }])
    expect(room.column('select id from notes order by id')).toEqual([1, 10])
  })
})

describe('what succeeds', () => {
  const committed = (result: unknown) => ({ outcome: 'committed', result })
  const ended = ({ outcomes }: RanBatch) => outcomes

  it('is answered with what it changed, and with its rows', async () => {
    const batch = await room.run([
      good(10),
      statement("update notes set body = body || '!' returning id, body"),
      statement('delete from notes where id = 404'),
      statement('delete from notes where id = 404 returning id'),
      atomic(
        'insert into notes (id) values (20)',
        "insert into notes (id, body) values (21, 'x') returning body",
      ),
      atomic(),
    ])
    expect(ended(batch)).toEqual([
      committed({ changes: 1, lastInsertRowid: 10, rows: [] }),
      committed({
        changes: 2,
        lastInsertRowid: 10,
        rows: [
          { id: 1, body: 'taken!' },
          { id: 10, body: 'note 10!' },
        ],
      }),
      committed({ changes: 0, lastInsertRowid: 10, rows: [] }),
      committed({ changes: 0, lastInsertRowid: 10, rows: [] }),
      committed([
        { changes: 1, lastInsertRowid: 20, rows: [] },
        { changes: 1, lastInsertRowid: 21, rows: [{ body: 'x' }] },
      ]),
      committed([]),
    ])
    expect(batch.answers.commits).toBe(1)
  })

  it('is a procedure that catches a SQL error and goes on: what it did around the error stays', async () => {
    const works = [good(10), procedure('addAroundAnError', note), good(11)]
    expect(ended(await room.run(works))).toMatchObject(works.map(() => ({ outcome: 'committed' })))
    expect(room.column('select id from notes order by id')).toEqual([1, 10, 11, 50, 51])
  })

  it('is a procedure that reads its own writes', async () => {
    const works = [procedure('addAll', [note, { id: 51, body: 'and more' }])]
    expect(ended(await room.run(works))).toEqual([committed(3)])
  })

  it('sees what earlier items of its batch wrote', async () => {
    const works = [good(10), statement("update notes set body = 'seen' where id = 10")]
    expect(ended(await room.run(works))).toMatchObject([
      {},
      committed({ changes: 1, lastInsertRowid: 10, rows: [] }),
    ])
  })

  it('is a foreign key that the batch itself makes good before COMMIT', async () => {
    const works = [statement('insert into links (note) values (10)'), good(10)]
    expect(ended(await room.run(works))).toMatchObject([{ outcome: 'committed' }, { outcome: 'committed' }])
  })
})
