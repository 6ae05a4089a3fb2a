// Promise 3: whatever is asked, in whatever state, ends with one honest outcome. Every operation is tried in every state.
import { type Database, isLockkeeperError, openDatabase, procedures } from '@lockkeeper/core'
import { childProcess, type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrations } from './notes.ts'

const modules = {
  notes: procedures<typeof import('./procedures.ts')>(new URL('./procedures.ts', import.meta.url)),
}
type Notes = Database<typeof modules>

let folder: TemporaryFolder
let db: Notes

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('a.db'), migrations, procedures: modules })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const insert = 'insert into notes (body) values (?)'

/** Each operation that writes, and how it ended in one word: `committed`, or the error's code and outcome. */
const writes: Readonly<Record<string, (options?: { deadlineMs: number }) => Promise<string>>> = {
  write: (options) => ended(db.write(insert, ['a'], options).outcome()),
  writeAtomic: (options) =>
    ended(
      db
        .writeAtomic(
          [
            [insert, ['a']],
            [insert, ['b']],
          ],
          options,
        )
        .outcome(),
    ),
  writeMany: (options) => ended(db.writeMany(insert, [['a'], ['b']], options).outcome()),
  call: (options) => ended(db.call.notes.add('a', options).outcome()),
  job: async () => db.jobs.start.notes.addOne('a').then(() => 'committed', inShort),
}

const reads: Readonly<Record<string, () => Promise<unknown>>> = {
  read: () => db.read('select body from notes'),
  readValue: () => db.readValue('select count(*) from notes'),
  call: () => db.call.notes.count(undefined),
}

/** Maintenance goes the way of a write; a backup has no outcome. */
const maintenance: Readonly<Record<string, (options?: { deadlineMs: number }) => Promise<string>>> = {
  checkpoint: (options) => ended(db.checkpoint(options).outcome()),
  optimize: (options) => ended(db.optimize(options).outcome()),
  vacuum: (options) => ended(db.vacuum(options).outcome()),
  backup: (options) =>
    db.backup(folder.file('copy.db'), { ...options, overwrite: true }).then(() => 'committed', inShort),
}

async function expectMaintenance(expected: Readonly<Record<string, string>>, deadlineMs?: number) {
  const options = deadlineMs === undefined ? undefined : { deadlineMs }
  for (const [name, outcome] of Object.entries(expected))
    expect(await maintenance[name]?.(options), name).toBe(outcome)
}

const eachTask = (word: string, backup = word): Record<string, string> => ({
  checkpoint: word,
  optimize: word,
  vacuum: word,
  backup,
})

async function ended(outcome: Promise<{ outcome: string; error?: unknown }>): Promise<string> {
  const { outcome: word, error } = await outcome
  return error === undefined ? word : inShort(error)
}

function inShort(error: unknown): string {
  if (!isLockkeeperError(error)) throw error
  expect(error.message).toMatch(/[:.,] \S/) // what happened, and what to do next
  return error.outcome === undefined ? error.code : `${error.code} ${error.outcome}`
}

async function outcomesOfAll(options?: { deadlineMs: number }): Promise<Record<string, string>> {
  const entries = Object.entries(writes).map(async ([name, run]) => [name, await run(options)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

const each = (word: string): Record<string, string> =>
  Object.fromEntries(Object.keys(writes).map((name) => [name, word]))

async function expectReads(outcome: 'answered' | 'closed'): Promise<void> {
  for (const [name, run] of Object.entries(reads)) {
    if (outcome === 'answered') await expect(run(), name).resolves.toBeDefined()
    else await expect(run(), name).rejects.toMatchObject({ code: 'closed', stage: 'read' })
  }
}

describe('ready', () => {
  it('every operation ends well', async () => {
    expect(await outcomesOfAll()).toEqual(each('committed'))
    expect(db.offer(insert, ['a'])).toBe(true)
    await expectReads('answered')
    await expectMaintenance(eachTask('committed'))
    expect(await db.health()).toMatchObject({ ok: true })
  })
})

describe('contended: another process has the lock', () => {
  it('deadlines end the wait, reads go on, and what still waits is committed when the lock is free', async () => {
    await using neighbour = childProcess(new URL('./programs/hold-lock.ts', import.meta.url), {
      args: [db.file],
    })
    await neighbour.reached('locked')
    expect(await outcomesWithDeadline()).toEqual({
      write: 'deadline-exceeded not-stored',
      writeAtomic: 'deadline-exceeded not-stored',
      writeMany: 'deadline-exceeded not-stored',
      call: 'deadline-exceeded not-stored',
    })
    // What needs the write lock waits for it; what only reads, or copies what is committed, does not.
    const late = 'deadline-exceeded not-stored'
    await expectMaintenance({ vacuum: late, optimize: late }, 60)
    await expectMaintenance({ checkpoint: 'committed', backup: 'committed' })
    expect(await db.health({ deadlineMs: 60 })).toMatchObject({ ok: false, read: { ok: true } })
    expect(db.offer(insert, ['a'])).toBe(true)
    await expectReads('answered')
    const outcomes = outcomesOfAll()
    neighbour.pass('locked')
    expect(await outcomes).toEqual(each('committed'))
    neighbour.pass('released')
  })

  /** All but the job, which has no deadline. */
  async function outcomesWithDeadline(): Promise<Record<string, string>> {
    const { job: _, ...timed } = writes
    const entries = Object.entries(timed).map(
      async ([name, run]) => [name, await run({ deadlineMs: 60 })] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }
})

describe('restarting: the writer’s thread has died', () => {
  it('operations wait for the next thread and end well; rows sent ahead without one are refused, not lost silently', async () => {
    const lost = new Promise((resolve) => db.on('thread-restarted', resolve))
    const killer = db.call.notes.die(undefined).outcome()
    await lost
    expect(db.report().states.writer).toBe('restarting')
    await expectMaintenance({ backup: 'thread-lost' })
    const outcomes = await outcomesOfAll()
    expect(outcomes).toEqual({ ...each('committed'), writeMany: 'thread-lost not-stored' })
    await expectReads('answered')
    expect(await killer).toMatchObject({ outcome: 'not-stored', error: { code: 'thread-lost' } })
    expect(await outcomesOfAll()).toEqual(each('committed'))
    await expectMaintenance(eachTask('committed'))
  })
})

describe('draining and closed', () => {
  it('refuse every operation, not stored, with the way to go on', async () => {
    const closing = db.close()
    expect(await outcomesOfAll()).toEqual(each('closed not-stored'))
    expect(db.offer(insert, ['a'])).toBe(false)
    await expectMaintenance(eachTask('closed not-stored', 'closed'))
    await closing
    await expectMaintenance(eachTask('closed not-stored', 'closed'))
    expect(await outcomesOfAll()).toEqual(each('closed not-stored'))
    expect(db.offer(insert, ['a'])).toBe(false)
    await expectReads('closed')
  })
})

describe('degraded: the writer has stopped for good', () => {
  it('writes are refused with the reason, reads go on', async () => {
    const stopped = new Promise((resolve) => db.on('writer-stopped', resolve))
    while (db.report().states.database === 'ready') {
      const outcome = await db.call.notes.die(undefined).outcome()
      expect(outcome.outcome).not.toBe('committed')
    }
    await stopped
    await until('the database is degraded', () => db.report().states.database === 'degraded')
    expect(await outcomesOfAll()).toEqual(each('writer-stopped not-stored'))
    await expectMaintenance(eachTask('writer-stopped not-stored', 'writer-stopped'))
    const { ok, read, slow } = await db.health()
    expect({ ok, read: read.ok }).toEqual({ ok: false, read: true })
    expect(slow).toContain('writing has stopped for good: close and open the database')
    expect(db.offer(insert, ['a'])).toBe(false)
    await expectReads('answered')
  })
})
