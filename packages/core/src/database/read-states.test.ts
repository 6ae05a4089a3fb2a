// Promises 3 and 17 on the read side: every read call, in every state of the database, ends with its answer or one typed error.
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { isLockkeeperError } from '../errors/lockkeeper-error.ts'
import { restart } from '../limits.ts'
import type { ReadOptions } from './types.ts'

let folder: TemporaryFolder
let db: NotesDatabase

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openNotes(folder.file('a.db'), { readers: { interactive: 1, background: 1 } })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const calls: Readonly<Record<string, (options?: ReadOptions) => Promise<unknown>>> = {
  read: async (options) => (await db.read('select 1 as one', [], options))[0]?.one,
  readCompiled: async (options) =>
    (await db.read({ sql: 'select 1 as one', parameters: [] }, options))[0]?.one,
  readFirst: async (options) => (await db.readFirst('select 1 as one', [], options))?.one,
  readValue: (options) => db.readValue('select 1', [], options),
  readColumn: async (options) => (await db.readColumn('select 1', [], options))[0],
  readArrays: async (options) => (await db.readArrays('select 1', [], options))[0]?.[0],
  procedure: async (options) => (await db.call.notes.list(undefined, options)).length + 1,
  snapshot: (options) => db.snapshot((s) => s.readValue('select 1'), options),
  stream: async (options) =>
    (await db.stream<{ one: number }>('select 1 as one', [], options).next()).value?.one,
}

/** How each call ended: its answer, or the error's code. */
async function endings(options?: ReadOptions): Promise<Record<string, unknown>> {
  const entries = Object.entries(calls).map(
    async ([name, call]) => [name, await call(options).catch(inShort)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

function inShort(error: unknown): string {
  if (!isLockkeeperError(error)) throw error
  expect(error.stage, error.message).toBe('read')
  expect(error.outcome).toBeUndefined()
  expect(error.message).toMatch(/[:.,] \S|ended by its signal/)
  return error.code
}

const each = (ending: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.keys(calls).map((name) => [name, ending]))

describe.each(['interactive', 'background'] as const)('every %s read', (readClass) => {
  it('is answered when the database is ready', async () => {
    expect(await endings({ class: readClass })).toEqual(each(1))
  })

  it('is answered when writes have stopped', async () => {
    for (let death = 0; death <= restart.timesMax; death++) {
      await db.call.notes.die({ id: death, body: `${death}` }).outcome()
    }
    await until('writes have stopped', () => db.report().states.database === 'degraded')
    expect(await endings({ class: readClass })).toEqual(each(1))
  })

  it('is answered by the reader that comes after one that died', async () => {
    await expect(db.call.notes.dieReading(undefined, { class: readClass })).rejects.toMatchObject({
      code: 'thread-lost',
    })
    expect(await endings({ class: readClass })).toEqual(each(1))
  })

  it('is refused with a signal that was given before, and with no time at all', async () => {
    expect(await endings({ class: readClass, signal: AbortSignal.abort() })).toEqual(each('aborted'))
    const ended = await endings({ class: readClass, deadlineMs: 0 })
    // No time is not less than none: one that is answered within the same millisecond is in time.
    for (const ending of Object.values(ended)) expect(['deadline-exceeded', 1]).toContain(ending)
  })

  it('that waits while the database closes is refused, as are all after that', async () => {
    const held = threadGate()
    const running = db.call.notes.countTwice(held.buffer, { class: readClass })
    await held.reached
    const waiting = endings({ class: readClass })
    await until('all wait', () => db.report().readers[readClass].waiting === Object.keys(calls).length)
    const closing = db.close()
    expect(await waiting).toEqual(each('closed'))
    expect(await endings({ class: readClass })).toEqual(each('closed'))
    held.open()
    // What ran is answered.
    expect(await running).toEqual([0, 0])
    await closing
    expect(await endings({ class: readClass })).toEqual(each('closed'))
  })
})

describe('every read call', () => {
  const bad: readonly (readonly [string, ReadOptions, string])[] = [
    [
      'a class that there is not',
      { class: 'urgent' as never },
      'class is one of interactive, background, not urgent',
    ],
    ['a label that is none', { label: 5 as never }, 'label is a string'],
    ['a deadline that is none', { deadlineMs: Number.NaN }, 'deadlineMs is a number of milliseconds'],
    ['a signal that is none', { signal: {} as never }, 'signal is an AbortSignal'],
    ['options that are none', null as never, 'the options are an object'],
    ['an after that is none', { after: 'x' as never }, 'after is the ticket of a write'],
  ]
  it.each(bad)('refuses %s', async (_, options, advice) => {
    for (const [name, call] of Object.entries(calls)) {
      const told = call(options)
      await expect(told, name).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.stringContaining(advice),
      })
    }
  })

  it('with bad durations or no function or no SQL is refused', async () => {
    const refused: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => db.snapshot(undefined as never), 'snapshot takes a function'],
      [() => db.snapshot(() => 1, { ageMsMax: 0 }), 'ageMsMax is a number of milliseconds above 0, not 0'],
      [() => db.snapshot(() => 1, { ageMsMax: '5' as never }), 'ageMsMax is a number'],
      [
        () => db.stream('select 1', [], { idleMsMax: -1 }).next(),
        'idleMsMax is a number of milliseconds above 0',
      ],
      [() => db.stream(5 as never).next(), 'the SQL is a string'],
      [() => db.stream('select 1', 'a' as never).next(), 'parameters are an array'],
      [() => db.stream('select ?', [(() => 1) as never]).next(), 'pass plain values'],
    ]
    for (const [call, advice] of refused) {
      await expect(call(), advice).rejects.toMatchObject({
        code: 'invalid-argument',
        message: expect.stringContaining(advice),
      })
    }
    expect(await endings()).toEqual(each(1))
  })
})
