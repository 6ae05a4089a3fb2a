// Promises 9 and 14: a transaction handle dies with its transaction, and a procedure is synchronous.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import type { Connection } from '../engine/port.ts'
import type { WriteTransaction } from './define.ts'
import { runProcedure } from './transaction.ts'

let folder: TemporaryFolder
let connection: Connection

beforeEach(async () => {
  folder = await temporaryFolder()
  connection = betterSqlite3.openWriter(folder.file('a.db'), { busyMs: 0 })
  connection.script('create table notes (id integer primary key, body); begin')
})

afterEach(async () => {
  connection.close()
  await folder[Symbol.asyncDispose]()
})

const run = <Output>(body: (tx: WriteTransaction, input: unknown) => Output, input?: unknown): Output =>
  runProcedure(connection, 'notes.test', body, input)

describe('a procedure', () => {
  it('writes, and reads its own writes', () => {
    const seen = run((tx, body) => {
      const { changes, lastInsertRowid } = tx.run('insert into notes (body) values (?)', [body as string])
      return {
        changes,
        lastInsertRowid,
        all: tx.all('select * from notes'),
        first: tx.first('select id from notes where body = :body', { body: 'hi' }),
        none: tx.first('select id from notes where id = 7'),
        value: tx.value('select count(*) from notes'),
        noValue: tx.value('select id from notes where id = 7'),
        returned: tx.run('update notes set body = ? returning id', ['ho']),
      }
    }, 'hi')
    expect(seen).toEqual({
      changes: 1,
      lastInsertRowid: 1,
      all: [{ id: 1, body: 'hi' }],
      first: { id: 1 },
      none: undefined,
      value: 1,
      noValue: undefined,
      returned: { changes: 1, lastInsertRowid: 1 },
    })
  })

  it.each(['commit', 'rollback', ';begin', 'savepoint a', 'pragma foreign_keys = off'])(
    'may not say %j',
    (sql) => {
      expect(() => run((tx) => tx.run(sql))).toThrow(expect.objectContaining({ code: 'statement-refused' }))
      expect(connection.inTransaction).toBe(true)
    },
  )
})

describe('a handle', () => {
  const dead = expect.objectContaining({ code: 'transaction-ended' })

  it('is dead once its procedure has returned, though a transaction is open', () => {
    let kept: WriteTransaction | undefined
    run((tx) => {
      kept = tx
    })
    expect(connection.inTransaction).toBe(true)
    expect(() => kept?.run('insert into notes (body) values (1)')).toThrow(dead)
    expect(() => kept?.all('select * from notes')).toThrow(dead)
    expect(() => kept?.first('select * from notes')).toThrow(dead)
    expect(() => kept?.value('select * from notes')).toThrow(dead)
  })

  it('is dead once its procedure has thrown', () => {
    let kept: WriteTransaction | undefined
    const failing = () =>
      run((tx) => {
        kept = tx
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect(() => kept?.run('insert into notes (body) values (1)')).toThrow(dead)
  })

  it('is dead inside its procedure once SQLite has ended the transaction', () => {
    run((tx) => {
      tx.run('insert into notes values (1, 1)')
      expect(() => tx.run('insert or rollback into notes values (1, 1)')).toThrow('UNIQUE')
      expect(() => tx.run('insert into notes values (2, 2)')).toThrow(dead)
    })
    expect(connection.prepareOwn('select count(*) from notes').firstArray(undefined)).toEqual([0])
  })
})

describe('a procedure that returns a promise', () => {
  it('is refused, also for other thenables, and what the promise comes to is nobody’s', async () => {
    const refused = expect.objectContaining({
      code: 'procedure-async',
      message: expect.stringContaining('fetch and compute first'),
    })
    expect(() => run(async () => Promise.reject(new Error('later')))).toThrow(refused)
    // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise is the case under test
    expect(() => run(() => ({ then: () => {} }))).toThrow(refused)
    await new Promise(setImmediate)
  })

  it('finds its handle dead when it goes on', async () => {
    let goneOn: Promise<unknown> | undefined
    const body = (tx: WriteTransaction) => {
      goneOn = (async () => {
        await Promise.resolve()
        return tx.run('insert into notes (body) values (1)')
      })()
      return goneOn
    }
    expect(() => run(body)).toThrow(expect.objectContaining({ code: 'procedure-async' }))
    await expect(goneOn).rejects.toMatchObject({ code: 'transaction-ended' })
  })
})
