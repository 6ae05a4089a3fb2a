// Promises 10 and 15: what an interrupted item costs its batch, on the real engine: nothing. The interrupts are played;
// interrupts/interrupts.test.ts has real ones.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type EngineRoom, engineRoom } from '../../fixtures/batch-runner.ts'
import type { WriteProcedure, WriteTransaction } from '../procedures/define.ts'
import { write } from '../procedures/define.ts'
import type { WriteWork } from './batch.ts'

let folder: TemporaryFolder
let room: EngineRoom
/** What the procedure `notes.own` does. */
let own: (tx: WriteTransaction) => unknown

beforeEach(async () => {
  folder = await temporaryFolder()
  const procedure: WriteProcedure<undefined, unknown> = write((tx) => own(tx))
  room = await engineRoom(folder.file('a.db'), undefined, new Map([['notes.own', procedure]]))
})

afterEach(async () => {
  expect(room.connection.inTransaction).toBe(false)
  expect(room.control.runningItem).toBeUndefined()
  room.connection.close()
  await folder[Symbol.asyncDispose]()
  vi.restoreAllMocks()
})

const add = (id: number): WriteWork => ({
  kind: 'statement',
  sql: 'insert into notes (id) values (?)',
  parameters: [id],
})
const ownWork: WriteWork = { kind: 'procedure', name: 'notes.own', input: undefined }

const interrupted = (): Error => Object.assign(new Error('interrupted'), { code: 'SQLITE_INTERRUPT' })

/** As SQLite does when a change is interrupted: the whole transaction is gone. */
const interruptedChange = (): never => {
  room.connection.script('rollback')
  throw interrupted()
}

const ids = () => room.column('select id from notes order by id')

/** Each item's end in short. */
const ends = async (works: readonly WriteWork[]): Promise<string[]> =>
  (await room.runAll(works)).map((end) => ('error' in end ? end.error.code : end.outcome))

describe('an interrupted item', () => {
  it('that lost the whole transaction fails alone: its neighbours, before and after, are stored', async () => {
    own = (tx) => {
      tx.run('insert into notes (id) values (50)')
      interruptedChange()
    }
    expect(await ends([add(1), add(2), ownWork, add(3)])).toEqual([
      'committed',
      'committed',
      'sqlite-interrupt',
      'committed',
    ])
    expect(ids()).toEqual([1, 2, 3])
  })

  it('that lost only its own statement fails alone, and nothing of it is stored', async () => {
    own = (tx) => {
      tx.run('insert into notes (id) values (50)')
      throw interrupted()
    }
    expect(await ends([add(1), ownWork, add(2)])).toEqual(['committed', 'sqlite-interrupt', 'committed'])
    expect(ids()).toEqual([1, 2])
  })

  it('is not stored either if its change was done, and only the question what it changed was interrupted', async () => {
    const returning: WriteWork = {
      kind: 'statement',
      sql: 'insert into notes (id) values (50) returning id',
      parameters: [],
    }
    vi.spyOn(room.connection, 'lastChanges').mockImplementationOnce(() => {
      throw interrupted()
    })
    expect(await ends([add(1), returning, add(2)])).toEqual(['committed', 'sqlite-interrupt', 'committed'])
    expect(ids()).toEqual([1, 2])
  })

  it('is told of as one that overstayed, though its transaction is lost', async () => {
    own = () => {
      const endsAt = performance.now() + 20
      while (performance.now() <= endsAt);
      interruptedChange()
    }
    const { answers } = await room.run([ownWork], 10)
    expect(answers.overstays).toEqual([[0, expect.any(Number)]])
  })
})

describe('a procedure that its caller has given up', () => {
  it('gets an error at its next statement, and is undone', async () => {
    let reached = false
    own = (tx) => {
      tx.run('insert into notes (id) values (50)')
      room.control.gate.cancel(2)
      tx.value('select 1')
      reached = true
    }
    expect(await ends([add(1), ownWork, add(2)])).toEqual(['committed', 'aborted', 'committed'])
    expect([ids(), reached]).toEqual([[1, 2], false])
  })

  it('is undone also if it catches every error, or gives it another name', async () => {
    const swallow = (tx: WriteTransaction): void => {
      try {
        tx.run('insert into notes (id) values (51)')
      } catch {
        // As one does for rows that may be there already.
      }
    }
    for (const end of [
      () => 'done, or so it believes',
      () => {
        throw new RangeError('its own error')
      },
    ]) {
      own = (tx) => {
        tx.run('insert into notes (id) values (50)')
        room.control.gate.cancel(1)
        swallow(tx)
        return end()
      }
      expect(await ends([ownWork])).toEqual(['aborted'])
    }
    expect(ids()).toEqual([])
  })

  it('does not give up its neighbours', async () => {
    own = () => room.control.gate.cancel(1)
    expect(await ends([add(1), ownWork])).toEqual(['committed', 'committed'])
    expect(ids()).toEqual([1])
  })
})

describe('an item counts as running', () => {
  it('only while its own statements run, never in a statement of ours that others rest on', async () => {
    const seen: [sql: string, running: number | undefined][] = []
    const { connection, control } = room
    const prepareOwn = connection.prepareOwn.bind(connection)
    vi.spyOn(connection, 'prepareOwn').mockImplementation((sql) => {
      if (/^(begin|commit|rollback|savepoint|release|pragma)/.test(sql)) seen.push([sql, control.runningItem])
      return prepareOwn(sql)
    })
    const prepare = connection.prepare.bind(connection)
    vi.spyOn(connection, 'prepare').mockImplementation((sql) => {
      seen.push([sql, control.runningItem])
      return prepare(sql)
    })
    own = (tx) => tx.run('select 1')
    const bad: WriteWork = {
      kind: 'statement',
      sql: 'insert or rollback into notes (id) values (1)',
      parameters: [],
    }
    await ends([add(1), ownWork, add(2), bad])
    own = () => {
      throw interrupted()
    }
    await ends([add(3), ownWork, add(4)])
    await ends([ownWork])
    const ours = seen.filter(([sql]) => !/^(insert|select)/.test(sql))
    expect(ours.filter(([, running]) => running !== undefined)).toEqual([])
    expect(new Set(ours.map(([sql]) => sql.split(' ')[0]))).toEqual(
      new Set(['begin', 'commit', 'rollback', 'savepoint', 'release', 'pragma']),
    )
    const theirs = seen.filter(([sql]) => /^(insert|select)/.test(sql))
    expect(theirs.filter(([, running]) => running === undefined)).toEqual([])
  })
})
