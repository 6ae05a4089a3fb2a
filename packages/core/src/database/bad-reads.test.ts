// Promise 3 for reads that should never have been sent: each is one typed error that says what to do, never a thrown TypeError,
// and costs nobody else anything.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { isLockkeeperError, type LockkeeperError } from '../errors/lockkeeper-error.ts'
import { writeBytesMax } from '../limits.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeAll(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'))
})

afterAll(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (id, body) values (?, ?)'
/** What a caller without types could pass. */
const anything = (value: unknown) => value as never
const oversized = 'a'.repeat(writeBytesMax + 1)

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
  ['options that are none', () => db.read('select 1', [], anything(null)), 'invalid-argument', 'an object'],
  [
    'a negative deadline',
    () => db.read('select 1', [], { deadlineMs: -1 }),
    'invalid-argument',
    'deadlineMs is a number of milliseconds, not -1',
  ],
  [
    'a deadline that is no number',
    () => db.call.notes.list(undefined, { deadlineMs: anything('5') }),
    'invalid-argument',
    'deadlineMs is a number of milliseconds, not 5',
  ],
  [
    'a signal that is none',
    () => db.readFirst('select 1', [], { signal: anything({}) }),
    'invalid-argument',
    'signal is an AbortSignal',
  ],
  ['an async procedure', () => db.call.notes.readLater(), 'procedure-async', 'fetch and compute first'],
  [
    'an answer that cannot be sent',
    () => db.call.notes.readFunction(),
    'invalid-argument',
    'return plain values',
  ],
  [
    'an answer that contains itself',
    () => db.call.notes.readCycle(),
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
