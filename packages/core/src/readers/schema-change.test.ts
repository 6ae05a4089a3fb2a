// Promise 8: a cached statement is compiled anew inside the run that finds a changed schema. Names and values of one answer
// must come from the same schema, in reads and in what a change returns.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import { WorkGate } from '../interrupts/work-gate.ts'
import { unpackObjects } from '../wire/rows.ts'
import { answerAt, ReadAnswers } from './answers-message.ts'
import { runRead } from './run-read.ts'

let folder: TemporaryFolder
let room: EngineRoom
let reader: Connection

beforeEach(async () => {
  folder = await temporaryFolder()
  room = await engineRoom(folder.file('a.db'))
  reader = betterSqlite3.openReader(folder.file('a.db'))
  room.connection.script(`create table t (a, b); insert into t values ('a', 'b');
    create view v as select a, b from t`)
})

afterEach(async () => {
  reader.close()
  room.connection.close()
  await folder[Symbol.asyncDispose]()
})

const read = (sql: string, first: boolean): unknown => {
  const parts = { connection: reader, procedures: new Map(), gate: new WorkGate() }
  const answers = new ReadAnswers(1, 1)
  const shape = first ? 'firstObject' : 'objects'
  runRead(parts, 1, { kind: 'query', sql, parameters: undefined, shape }, answers)
  const message = answers.finish()
  const answer = answerAt(message, new Map(message.others), 0)
  return answer.kind === 'rows' ? unpackObjects(answer.rows, answer.from, answer.count) : answer
}

describe('the first read after a change of the schema', () => {
  it.each([true, false])('tells each value under its own name (first row only: %s)', (first) => {
    expect(read('select * from t', first)).toEqual([{ a: 'a', b: 'b' }])
    room.connection.script(`drop table t; create table t (b, c, a); insert into t values ('b', 'c', 'a')`)
    expect(read('select * from t', first)).toEqual([{ b: 'b', c: 'c', a: 'a' }])
    room.connection.script('drop view v; alter table t drop column b; alter table t rename column a to d')
    expect(read('select * from t', first)).toEqual([{ c: 'c', d: 'a' }])
  })

  it('also where the text has no star', () => {
    expect(read('select a from v', false)).toEqual([{ a: 'a' }])
    room.connection.script('drop view v; create view v as select b as A from t')
    expect(read('select a from v', false)).toEqual([{ A: 'b' }])
  })
})

describe('the first RETURNING after a change of the schema', () => {
  it('tells each value under its own name', async () => {
    const work = { kind: 'statement', sql: 'update t set a = a returning *', parameters: undefined } as const
    const rowsOf = async (): Promise<unknown> => (await room.runAll([work]))[0]
    expect(await rowsOf()).toMatchObject({ result: { changes: 1, rows: [{ a: 'a', b: 'b' }] } })
    room.connection.script(`drop table t; create table t (b, c, a); insert into t values ('b', 'c', 'a')`)
    expect(await rowsOf()).toMatchObject({ result: { changes: 1, rows: [{ a: 'a', b: 'b', c: 'c' }] } })
  })
})
