// Promise 3 for writes that should never have been sent: each is one typed error that says what to do, never a thrown TypeError,
// and costs nobody else anything (promise 10).
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'
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
  ['an integer beyond 64 bits', () => db.write(insert, [2n ** 63n, 'a']), 'invalid-argument', 'too big'],
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
    () => (db.call.notes as unknown as { nowhere(): Ticket<unknown> }).nowhere(),
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
