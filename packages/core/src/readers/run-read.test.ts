// Promises 9 and 15, in the reader's thread: a read that its caller has given up ends at its next statement, and an interrupted
// one leaves the connection clean. The interrupts are played; interrupts/interrupts.test.ts has real ones.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { engineRoom } from '../../fixtures/batch-runner.ts'
import { betterSqlite3 } from '../engine/better-sqlite3.ts'
import { WorkGate, workMax } from '../interrupts/work-gate.ts'
import { type ReadTransaction, read } from '../procedures/define.ts'
import { answerAt, ReadAnswers } from './answers-message.ts'
import type { ReadWork } from './read-work.ts'
import { type ReaderParts, runRead } from './run-read.ts'

let folder: TemporaryFolder
let parts: ReaderParts
/** What the procedure `notes.own` does. */
let own: (tx: ReadTransaction) => unknown

beforeEach(async () => {
  folder = await temporaryFolder()
  const { connection } = await engineRoom(folder.file('a.db'))
  connection.close()
  parts = {
    connection: betterSqlite3.openReader(folder.file('a.db')),
    procedures: new Map([['notes.own', read((tx) => own(tx))]]),
    gate: new WorkGate(),
  }
})

afterEach(async () => {
  expect(parts.connection.inTransaction).toBe(false)
  expect(parts.gate.work).toBeUndefined()
  parts.connection.close()
  await folder[Symbol.asyncDispose]()
  vi.restoreAllMocks()
})

const query: ReadWork = { kind: 'query', sql: 'select 1', parameters: undefined, shape: 'objects' }
const ownWork: ReadWork = { kind: 'procedure', name: 'notes.own', input: undefined }

/** How a read ends, in short. */
const end = (id: number, work: ReadWork): string => {
  const answers = new ReadAnswers(id, 1)
  if (!runRead(parts, id, work, answers)) return 'not begun'
  const message = answers.finish()
  const answer = answerAt(message, new Map(message.others), 0)
  return answer.kind === 'error' ? answer.error.code : answer.kind
}

describe('a read that its caller has given up', () => {
  it('before its thread had come to it is not begun', () => {
    own = vi.fn()
    parts.gate.cancel(7)
    const prepare = vi.spyOn(parts.connection, 'prepare')
    expect([end(7, query), end(7, ownWork)]).toEqual(['aborted', 'aborted'])
    expect(prepare).not.toHaveBeenCalled()
    expect(own).not.toHaveBeenCalled()
    expect(end(8, query)).toBe('rows')
  })

  it('while its query ran has no rows packed', () => {
    const prepare = parts.connection.prepare.bind(parts.connection)
    vi.spyOn(parts.connection, 'prepare').mockImplementation((sql) => {
      parts.gate.cancel(7)
      return prepare(sql)
    })
    expect(end(7, query)).toBe('aborted')
  })

  it('ends at the next statement of its procedure', () => {
    let reached = 0
    own = (tx) => {
      for (let n = 0; n < 10; n++) {
        reached = n
        tx.value('select ?', [n])
        if (n === 3) parts.gate.cancel(7)
      }
    }
    expect([end(7, ownWork), reached]).toEqual(['aborted', 4])
  })

  it('has no output, even if its procedure catches that', () => {
    own = (tx) => {
      parts.gate.cancel(7)
      try {
        return tx.value('select 1')
      } catch {
        return 'half of it'
      }
    }
    expect(end(7, ownWork)).toBe('aborted')
  })

  it('costs the next one nothing, though numbers begin anew', () => {
    parts.gate.cancel(workMax)
    expect([end(workMax, query), end(1, query)]).toEqual(['aborted', 'rows'])
  })
})

describe('a read that was taken back', () => {
  it('is not begun, and has no answer; what its message brought before it is', () => {
    own = vi.fn()
    parts.gate.enter(6)
    expect(parts.gate.takeBack()).toBe(7)
    expect(end(6, query)).toBe('rows')
    const prepare = vi.spyOn(parts.connection, 'prepare')
    expect([end(7, query), end(8, ownWork)]).toEqual(['not begun', 'not begun'])
    expect(prepare).not.toHaveBeenCalled()
    expect(own).not.toHaveBeenCalled()
  })

  it('goes on to its end if it was begun before', () => {
    own = (tx) => {
      parts.gate.bar(7)
      return tx.value('select 1')
    }
    expect([end(7, ownWork), end(8, query)]).toEqual(['output', 'not begun'])
  })
})

it('a read that is interrupted in its procedure has its transaction rolled back, outside the reach of interrupts', () => {
  const prepareOwn = parts.connection.prepareOwn.bind(parts.connection)
  const seen: [sql: string, running: number | undefined][] = []
  vi.spyOn(parts.connection, 'prepareOwn').mockImplementation((sql) => {
    seen.push([sql, parts.gate.work])
    return prepareOwn(sql)
  })
  own = (tx) => {
    tx.value('select 1')
    seen.push(['its body', parts.gate.work])
    throw Object.assign(new Error('interrupted'), { code: 'SQLITE_INTERRUPT' })
  }
  expect(end(7, ownWork)).toBe('sqlite-interrupt')
  expect(seen).toEqual([
    ['begin', undefined],
    ['its body', 7],
    ['rollback', undefined],
  ])
})
