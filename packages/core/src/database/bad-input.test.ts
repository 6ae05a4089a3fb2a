// Promise 3 for what should never have been sent: each bad call is one typed error that says what to do, never a thrown
// TypeError, and costs nobody else anything (promise 10).
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import { atomicStatementsMax, writeBytesMax } from '../limits.ts'
import type { Ticket } from '../mailbox/ticket.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

beforeEach(() => db.write('delete from notes').outcome())

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id, body) values (?, ?)'
/** What a caller without types could pass. */
const anything = (value: unknown) => value as never
const oversized = 'a'.repeat(writeBytesMax + 1)
const manyStatements = Array.from({ length: atomicStatementsMax + 1 }, () => 'delete from notes')

/** A bad write, the code of its error, and a piece of the advice in its message. */
const badWrites: readonly (readonly [string, () => Ticket<unknown>, ErrorCode, string])[] = [
  ['too few parameters', () => db.write(insert, [1]), 'invalid-argument', 'one value per placeholder'],
  [
    'too many parameters',
    () => db.write(insert, [1, 'a', 2]),
    'invalid-argument',
    'one value per placeholder',
  ],
  ['no parameters', () => db.write(insert), 'invalid-argument', 'one value per placeholder'],
  [
    'a missing name',
    () => db.write('insert into notes (id) values (:id)', { other: 1 }),
    'invalid-argument',
    ':id'.slice(1),
  ],
  ['names for places', () => db.write(insert, { id: 1 }), 'invalid-argument', 'one value per placeholder'],
  ['a boolean', () => db.write(insert, [1, anything(true)]), 'invalid-argument', 'a number, bigint, string'],
  [
    'a date',
    () => db.write(insert, [1, anything(new Date(0))]),
    'invalid-argument',
    'a number, bigint, string',
  ],
  [
    'an object',
    () => db.write(insert, [1, anything({ a: 1 })]),
    'invalid-argument',
    'a number, bigint, string',
  ],
  ['an integer beyond 64 bits', () => db.write(insert, [2n ** 63n, 'a']), 'invalid-argument', 'BigInt'],
  ['a function', () => db.write(insert, [1, anything(() => 1)]), 'invalid-argument', 'pass plain values'],
  [
    'a number for parameters',
    () => db.write(insert, anything(7)),
    'invalid-argument',
    'parameters are an array',
  ],
  [
    'bytes for parameters',
    () => db.write(insert, anything(Buffer.from('ab'))),
    'invalid-argument',
    'parameters are an array',
  ],
  [
    'null for parameters',
    () => db.write(insert, anything(null)),
    'invalid-argument',
    'parameters are an array',
  ],
  ['a value over the bound', () => db.write(insert, [1, oversized]), 'invalid-argument', 'Split it'],
  ['no SQL', () => db.write(anything(undefined)), 'invalid-argument', 'the SQL is a string'],
  ['a number for SQL', () => db.write(anything(7)), 'invalid-argument', 'the SQL is a string, not number'],
  [
    'a query without its SQL',
    () => db.write(anything({ sql: 1, parameters: [] })),
    'invalid-argument',
    'the SQL is a string',
  ],
  ['SQL that does not parse', () => db.write('insert notes into'), 'sqlite-error', 'syntax error'],
  [
    'a table that is not there',
    () => db.write('delete from nowhere'),
    'sqlite-error',
    'no such table: nowhere',
  ],
  [
    'several statements',
    () => db.write('delete from notes; delete from notes'),
    'invalid-argument',
    'more than one statement',
  ],
  ['an empty text', () => db.write(''), 'statement-refused', 'An empty statement'],
  ['a comment', () => db.write('/* nothing */ -- at all'), 'statement-refused', 'An empty statement'],
  ['a query', () => db.write('select * from notes'), 'statement-refused', 'use read()'],
  [
    'a query that begins with WITH',
    () => db.write('with a as (select 1) select * from a'),
    'statement-refused',
    'use read()',
  ],
  [
    'a transaction of one’s own',
    () => db.write('begin immediate'),
    'statement-refused',
    'writeAtomic() or a procedure',
  ],
  ['a commit', () => db.write(' ;commit'), 'statement-refused', 'a write commits before it answers'],
  ['a pragma', () => db.write('pragma synchronous = off'), 'statement-refused', 'pragma_table_info'],
  [
    'an unknown lane',
    () => db.write(insert, [1, 'a'], anything({ lane: 'urgent' })),
    'invalid-argument',
    'lane is one of user, sync, background',
  ],
  [
    'a label that is no text',
    () => db.write(insert, [1, 'a'], anything({ label: 7 })),
    'invalid-argument',
    'label is a string',
  ],
  [
    'a negative deadline',
    () => db.write(insert, [1, 'a'], { deadlineMs: -1 }),
    'invalid-argument',
    'deadlineMs is a number of milliseconds, not -1',
  ],
  [
    'a deadline that is no number',
    () => db.write(insert, [1, 'a'], { deadlineMs: Number.NaN }),
    'invalid-argument',
    'not NaN',
  ],
  [
    'a signal that is none',
    () => db.write(insert, [1, 'a'], anything({ signal: {} })),
    'invalid-argument',
    'signal is an AbortSignal',
  ],
  [
    'an unknown durability',
    () => db.write(insert, [1, 'a'], anything({ durability: 'some' })),
    'invalid-argument',
    "'process' or 'power'",
  ],
  [
    'null for options',
    () => db.write(insert, [1, 'a'], anything(null)),
    'invalid-argument',
    'the options are an object',
  ],
  [
    'no list',
    () => db.writeAtomic(anything('delete from notes')),
    'invalid-argument',
    'a list of statements',
  ],
  [
    'a list with nothing in it',
    () => db.writeAtomic([anything(null)]),
    'invalid-argument',
    '[sql, parameters] or { sql, parameters }',
  ],
  [
    'a list with a bad statement',
    () => db.writeAtomic(['delete from notes', [insert, [1]]]),
    'invalid-argument',
    'one value per placeholder',
  ],
  [
    'a list that is too long',
    () => db.writeAtomic(manyStatements),
    'invalid-argument',
    `at most ${atomicStatementsMax} statements`,
  ],
  [
    'a function for a procedure',
    () => db.call.notes.add(anything({ id: () => 1, body: 'a' })),
    'invalid-argument',
    'pass plain values',
  ],
  ['an input that contains itself', () => db.call.notes.add(cyclic()), 'invalid-argument', 'nested deeper'],
  ['no input', () => db.call.notes.add(anything(undefined)), 'procedure-failed', 'undefined'],
  [
    'an unknown procedure',
    () => anything(db.call.notes as never)['nowhere'](),
    'unknown-procedure',
    'There are: ',
  ],
]

function cyclic(): never {
  const input: { self?: unknown } = {}
  input.self = input
  return anything(input)
}

describe('a write with', () => {
  it.each(badWrites)('%s fails alone, with an error that says what to do', async (_, write, code, advice) => {
    const before = db.write(insert, [100, 'before'])
    const bad = write()
    const after = db.write(insert, [101, 'after'])
    const ended = await bad.outcome()
    if (!('error' in ended)) throw new Error('It was stored')
    expect(isLockkeeperError(ended.error, code)).toBe(true)
    expect(ended.error.message).toContain(advice)
    expect([ended.outcome, ended.error.outcome]).toEqual(['not-stored', 'not-stored'])
    await Promise.all([before, after])
    expect(await db.readColumn('select id from notes order by id')).toEqual([100, 101])
  })

  it('a bad call still has its label, also where it is refused at the door', async () => {
    const ends = await Promise.all([
      db.write('insert notes', [], { label: 'notes.parse' }).outcome(),
      db.write(anything(7), [], { label: 'notes.door' }).outcome(),
      db.call.notes.add(anything({ id: () => 1 })).outcome(),
      db.call.notes.addAndThrow({ id: 1, body: 'a' }, { label: 'mine' }).outcome(),
    ])
    expect(ends.map((ended) => ('error' in ended ? ended.error.label : ''))).toEqual([
      'notes.parse',
      'notes.door',
      'notes.add',
      'mine',
    ])
  })
})

const badReads: readonly (readonly [string, () => Promise<unknown>, ErrorCode, string])[] = [
  ['too few parameters', () => db.read('select ?'), 'invalid-argument', 'one value per placeholder'],
  [
    'too many parameters',
    () => db.readFirst('select ?', [1, 2]),
    'invalid-argument',
    'one value per placeholder',
  ],
  ['a missing name', () => db.readValue('select :a', {}), 'invalid-argument', 'one value per placeholder'],
  [
    'a boolean',
    () => db.readColumn('select ?', [anything(true)]),
    'invalid-argument',
    'a number, bigint, string',
  ],
  [
    'a function',
    () => db.readArrays('select ?', [anything(() => 1)]),
    'invalid-argument',
    'pass plain values',
  ],
  [
    'a text for parameters',
    () => db.read('select ?', anything('a')),
    'invalid-argument',
    'parameters are an array',
  ],
  ['a value over the bound', () => db.read('select ?', [oversized]), 'invalid-argument', 'Split it'],
  ['no SQL', () => db.read(anything(undefined)), 'invalid-argument', 'the SQL is a string'],
  ['SQL that does not parse', () => db.read('select from'), 'sqlite-error', 'syntax error'],
  ['several statements', () => db.read('select 1; select 2'), 'invalid-argument', 'more than one statement'],
  ['an empty text', () => db.read(''), 'statement-refused', 'An empty statement'],
  ['a change', () => db.read(insert, [1, 'a']), 'statement-refused', 'use write()'],
  [
    'a change that begins with WITH',
    () => db.read('with a as (select 1) delete from notes'),
    'statement-refused',
    'use write()',
  ],
  [
    'a change that returns rows',
    () => db.read('delete from notes returning id'),
    'statement-refused',
    'use write()',
  ],
  ['a temporary table', () => db.read('create temp table t (a)'), 'statement-refused', 'use write()'],
  ['a transaction', () => db.read('begin'), 'statement-refused', 'writeAtomic() or a procedure'],
  ['a pragma', () => db.read('pragma query_only = 0'), 'statement-refused', 'pragma_table_info'],
  ['an attached database', () => db.read("attach ':memory:' as a"), 'statement-refused', 'openDatabase()'],
  ['an async procedure', () => db.call.notes.readLater(), 'procedure-async', 'fetch and compute first'],
  [
    'an answer that cannot be sent',
    () => db.call.notes.readFunction(),
    'invalid-argument',
    'return plain values',
  ],
]

describe('a read with', () => {
  it.each(badReads)(
    '%s is one typed error, and the reader is as good as before',
    async (_, read, code, advice) => {
      const error = await read().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(isLockkeeperError(error, code)).toBe(true)
      expect((error as LockkeeperError).message).toContain(advice)
      expect((error as LockkeeperError).outcome).toBeUndefined()
      expect(await Promise.all([db.readValue('select 1'), db.readValue('select 2')])).toEqual([1, 2])
      expect(db.report().restarts.readers).toBe(0)
    },
  )
})

describe('an answer that cannot be sent', () => {
  it.each(['answerFunction', 'answerCycle'] as const)(
    'leaves the write committed, and says so (%s)',
    async (name) => {
      const before = db.write(insert, [100, 'before'])
      const ended = await db.call.notes[name]({ id: 1, body: 'a' }).outcome()
      expect(ended).toMatchObject({
        outcome: 'committed',
        error: { code: 'result-lost', stage: 'answer', outcome: 'committed', label: `notes.${name}` },
      })
      await before
      expect(await db.readColumn('select id from notes order by id')).toEqual([1, 100])
    },
  )
})

describe('an error out of a thread', () => {
  it('is whole: code, stage, outcome, label, cause with its code, and the stack of where it was thrown', async () => {
    await db.write(insert, [1, 'a'])
    const ended = await db.call.notes.add({ id: 1, body: 'b' }).outcome()
    if (!('error' in ended)) throw new Error('It was stored')
    expect(ended.error).toMatchObject({
      name: 'LockkeeperError',
      code: 'sqlite-constraint-primarykey',
      stage: 'execute',
      outcome: 'not-stored',
      label: 'notes.add',
      retryable: false,
    })
    const cause = ended.error.cause as Error & { code: string }
    expect([cause.name, cause.code]).toEqual(['SqliteError', 'SQLITE_CONSTRAINT_PRIMARYKEY'])
    expect(cause.stack).toContain('notes-procedures.ts')
    const thrown = await db.call.notes.addAndThrow({ id: 5, body: 'c' }).catch((error: unknown) => error)
    expect((thrown as LockkeeperError).cause).toMatchObject({
      name: 'RangeError',
      message: 'changed my mind',
    })
  })
})

describe('after closing', () => {
  it('every call is refused as closed, and closing again says the same', async () => {
    const closing = await openNotes(folder.file('b.db'))
    const report = await closing.close()
    const refused = [
      closing.write(insert, [1, 'a']),
      closing.writeAtomic(['delete from notes']),
      closing.call.notes.add({ id: 1, body: 'a' }),
    ]
    for (const ticket of refused) {
      expect(await ticket.outcome()).toMatchObject({ outcome: 'not-stored', error: { code: 'closed' } })
    }
    for (const read of [closing.read('select 1'), closing.readValue('select 1'), closing.call.notes.list()]) {
      await expect(read).rejects.toMatchObject({ code: 'closed', stage: 'read' })
    }
    expect(await closing.close()).toBe(report)
  })
})
