// The two messages between a desk and a reader: what is asked comes to the thread as it was, and each caller gets what
// better-sqlite3 gave for its own statement, whatever shares the message with it.
import { seeded } from '@lockkeeper/testkit'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LockkeeperError } from '../errors/lockkeeper-error.ts'
import { errorToWire } from '../errors/wire.ts'
import type { SqlParameters, SqlValue } from '../procedures/define.ts'
import { unpackArrays, unpackColumn, unpackObjects } from '../wire/rows.ts'
import { type AnswersMessage, answerAt, ReadAnswers, transfersOf } from './answers-message.ts'
import type { ReadAnswer, ReadWork, RowShape } from './read-work.ts'
import { encodeReads, readAt } from './reads-message.ts'

let memory: Database.Database

beforeAll(() => {
  memory = new Database(':memory:')
})

afterAll(() => {
  memory.close()
})

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
)
const shape = fc.constantFrom<RowShape>('objects', 'arrays', 'firstObject', 'firstArray')

/** Through the message, its bytes handed over. */
const sent = (message: AnswersMessage): AnswersMessage =>
  structuredClone(message, { transfer: transfersOf(message) })

const answersOf = (message: AnswersMessage): ReadAnswer[] => {
  const others = new Map(message.others)
  return Array.from({ length: message.answered }, (_, at) => answerAt(message, others, at))
}

/** What the reader's thread does for one query. */
const rowsOf = (sql: string, parameters: readonly SqlValue[], of: RowShape): unknown[] => {
  const statement = memory.prepare(sql).raw(of === 'arrays' || of === 'firstArray')
  if (of === 'objects' || of === 'arrays') return statement.all(...parameters)
  const row = statement.get(...parameters)
  return row === undefined ? [] : [row]
}

/** Few names, so that columns meet again: twice in one result, in another order, alone. */
const name = fc.constantFrom('a', 'b', 'a b', '', '1', '0', 'constructor', 'é')
const table = fc.array(name, { minLength: 1, maxLength: 4 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.tuple(...columns.map(() => value)), { maxLength: 5 }),
  }),
)
const query = fc.record({ kind: fc.constant('query' as const), shape, table })
const other = fc.oneof(
  fc.record({ kind: fc.constant('output' as const), output: fc.jsonValue() }),
  fc.record({ kind: fc.constant('error' as const), message: fc.string() }),
)

const sqlOf = ({ columns, rows }: { columns: readonly string[]; rows: readonly SqlValue[][] }): string => {
  const one = `select ${columns.map((column) => `? as "${column}"`).join(', ')}`
  return rows.length === 0
    ? `${one.replaceAll('?', 'null')} where 0`
    : rows.map(() => one).join(' union all ')
}

describe('the answers to the reads of one message', () => {
  it('are what better-sqlite3 gave to each', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: query }, other), { maxLength: 12 }), (reads) => {
        const answers = new ReadAnswers(1, reads.length)
        const expected = reads.map((read) => {
          if (read.kind === 'query') {
            const sql = sqlOf(read.table)
            answers.addRows(read.shape, rowsOf(sql, read.table.rows.flat(), read.shape))
            return rowsOf(sql, read.table.rows.flat(), read.shape)
          }
          if (read.kind === 'output') answers.add(read)
          else {
            const error = new LockkeeperError(read.message, { code: 'aborted', stage: 'read' })
            answers.add({ kind: 'error', error: errorToWire(error) })
          }
          return read.kind === 'output' ? structuredClone(read.output) : read.message
        })
        const found = answersOf(sent(answers.finish())).map((answer, at) => {
          if (answer.kind === 'output') return answer.output
          if (answer.kind === 'error') return answer.error.message
          const { rows, from, count } = answer
          const read = reads[at]
          const named = read?.kind === 'query' && (read.shape === 'objects' || read.shape === 'firstObject')
          const unpacked = named ? unpackObjects(rows, from, count) : unpackArrays(rows, from, count)
          if (!named)
            expect(unpackColumn(rows, from, count)).toEqual(unpacked.map((row) => (row as unknown[])[0]))
          expect(
            unpacked
              .flatMap((row) => Object.values(row))
              .filter((cell) => cell instanceof Uint8Array)
              .every(Buffer.isBuffer),
          ).toBe(true)
          return unpacked
        })
        expect(found).toEqual(expected)
      }),
      seeded('answers of one message', 400),
    )
  })

  it('of the same columns travel together, so that sixty rows of one read each are one table', () => {
    const answers = new ReadAnswers(1, 60)
    for (let n = 0; n < 60; n++) answers.addRows('firstObject', [{ id: n, body: 'x' }])
    const { rows } = answers.finish()
    expect(rows.map(({ columns, count }) => [columns, count])).toEqual([[['id', 'body'], 60]])
  })

  it('have no rows for those that were not begun', () => {
    const answers = new ReadAnswers(7, 3)
    answers.addRows('arrays', [[1]])
    expect(answers.finish()).toMatchObject({ first: 7, answered: 1 })
  })

  it('share no array: what one caller does to its column is not another’s', () => {
    const answers = new ReadAnswers(1, 3)
    answers.addRows('arrays', [])
    answers.addRows('arrays', [[1], [2]])
    answers.addRows('arrays', [])
    const columns = answersOf(sent(answers.finish())).map(
      (answer) => answer.kind === 'rows' && unpackColumn(answer.rows, answer.from, answer.count),
    )
    expect(columns).toEqual([[], [1, 2], []])
    ;(columns[0] as unknown[]).push('mine')
    expect(columns[2]).toEqual([])
  })
})

describe('the reads of one message', () => {
  const parameters: fc.Arbitrary<SqlParameters | undefined> = fc.oneof(
    fc.constant(undefined),
    fc.array(value, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', 'y'), value),
  )
  const text = fc.constantFrom('select 1', 'select 2', 'notes.list', '')
  const work: fc.Arbitrary<ReadWork> = fc.oneof(
    fc.record({ kind: fc.constant('query' as const), sql: text, parameters, shape }),
    fc.record({ kind: fc.constant('procedure' as const), name: text, input: fc.jsonValue() }),
  )

  it('come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 - 100 }),
        fc.array(work, { maxLength: 64 }),
        (first, works) => {
          const message = structuredClone(encodeReads(first, works))
          expect([message.first, message.payloads.length]).toEqual([first, works.length])
          expect(works.map((_, at) => readAt(message, at))).toEqual(structuredClone(works))
        },
      ),
      seeded('reads of one message', 300),
    )
  })

  it('carry each text once', () => {
    const works = Array.from(
      { length: 10 },
      (_, n): ReadWork => ({ kind: 'query', sql: `select ${n % 2}`, parameters: [n], shape: 'arrays' }),
    )
    expect(encodeReads(1, works).texts).toEqual(['select 0', 'select 1'])
  })
})
