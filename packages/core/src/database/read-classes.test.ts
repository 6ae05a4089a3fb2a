// Promise 7: a background read never stands in an interactive one's way, nor the other way round, and its thread yields the CPU.
import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:os'
import { type TemporaryFolder, temporaryFolder, until } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NotesDatabase, openNotes } from '../../fixtures/open-notes.ts'
import { threadGate } from '../../fixtures/thread-gate.ts'
import { readersMax } from '../limits.ts'
import type { OpenOptions } from './options.ts'

let folder: TemporaryFolder
let db: NotesDatabase | undefined

beforeEach(async () => {
  folder = await temporaryFolder()
})

afterEach(async () => {
  await db?.close()
  db = undefined
  await folder[Symbol.asyncDispose]()
})

async function open(readers: OpenOptions['readers']): Promise<NotesDatabase> {
  db = await openNotes(folder.file('a.db'), { readers })
  // All of them, not just the first.
  const opened = db
  await until('every reader serves', () =>
    opened.report().states.readers.every((state) => state === 'running.idle'),
  )
  return db
}

const background = { class: 'background' } as const

/*
 * background reader      interactive readers      caller
 * -----------------      -------------------      ------
 * waits at a gate
 *                                                 queues ten more background reads
 *                        answer, both of them     asks interactive reads
 *                                                 opens the gate
 * answers, in order
 */
it('interactive reads are answered while every background reader is stuck and more work waits for them', async () => {
  const db = await open({ interactive: 2, background: 1 })
  const stuck = threadGate()
  const order: string[] = []
  const note = (name: string) => () => order.push(name)
  const behind = [db.call.notes.countTwice(stuck.buffer, background).then(note('stuck'))]
  await stuck.reached
  for (let n = 0; n < 10; n++) behind.push(db.readValue('select 1', [], background).then(note('behind')))
  await Promise.all(Array.from({ length: 100 }, (_, n) => db.readValue('select ?', [n])))
  // Both at once: each holds its reader until the other has come.
  const gates = [threadGate(), threadGate()]
  const both = gates.map(({ buffer }) => db.call.notes.countTwice(buffer))
  await Promise.all(gates.map(({ reached }) => reached))
  expect(db.report().readers).toMatchObject({
    interactive: { busy: 2, waiting: 0 },
    background: { busy: 1, waiting: 10 },
  })
  for (const gate of gates) gate.open()
  await Promise.all(both)
  expect(order).toEqual([])
  stuck.open()
  await Promise.all(behind)
  expect(order).toEqual(['stuck', ...Array.from({ length: 10 }, () => 'behind')])
})

it('background reads are answered while every interactive reader is stuck', async () => {
  const db = await open({ interactive: 2, background: 1 })
  const gates = [threadGate(), threadGate()]
  const stuck = gates.map(({ buffer }) => db.call.notes.countTwice(buffer))
  await Promise.all(gates.map(({ reached }) => reached))
  const waiting = db.readValue('select 1')
  expect(await db.readValue('select 2', [], background)).toBe(2)
  expect(await db.snapshot((s) => s.readValue('select 3'), background)).toBe(3)
  expect(db.report().readers.interactive).toMatchObject({ busy: 2, waiting: 1 })
  for (const gate of gates) gate.open()
  expect(await waiting).toBe(1)
  await Promise.all(stuck)
})

it('a read never waits behind a busy reader while another one is free', async () => {
  const db = await open({ interactive: 3, background: 1 })
  const gates = [threadGate(), threadGate()]
  const stuck = gates.map(({ buffer }) => db.call.notes.countTwice(buffer))
  await Promise.all(gates.map(({ reached }) => reached))
  expect(await Promise.all(Array.from({ length: 50 }, (_, n) => db.readValue('select ?', [n])))).toHaveLength(
    50,
  )
  for (let n = 0; n < 20; n++) expect(await db.readValue('select ?', [n])).toBe(n)
  for (const gate of gates) gate.open()
  await Promise.all(stuck)
})

describe('sizes', () => {
  it('can be set for each class, and follow the machine where they are not', async () => {
    expect((await open({ interactive: 1, background: 3 })).report().readers).toMatchObject({
      interactive: { readers: 1 },
      background: { readers: 3 },
    })
    await db?.close()
    const { interactive, background } = (await open({ background: undefined })).report().readers
    expect(interactive.readers).toBeGreaterThanOrEqual(2)
    expect(background.readers).toBe(1)
  })

  it.each<[string, object, string]>([
    ['none', { interactive: 0 }, 'readers.interactive is a whole number from 1'],
    ['a part of one', { background: 1.5 }, 'readers.background is a whole number from 1'],
    ['a text', { interactive: '2' }, 'readers.interactive is a whole number from 1'],
    ['too many', { interactive: readersMax + 1 }, `at most ${readersMax}`],
    ['another class', { urgent: 1 }, 'there is no class of readers urgent, but interactive, background'],
  ])('%s is refused', async (_, readers, advice) => {
    await expect(openNotes(folder.file('a.db'), { readers })).rejects.toMatchObject({
      code: 'invalid-argument',
      stage: 'open',
      message: expect.stringContaining(advice),
    })
  })
})

it.runIf(platform() === 'linux')('background threads have a lower priority than all others', async () => {
  const before = new Set(readdirSync('/proc/self/task'))
  await open({ interactive: 2, background: 2 })
  const nices = readdirSync('/proc/self/task')
    .filter((task) => !before.has(task))
    .map((task) => niceOf(readFileSync(`/proc/self/task/${task}/stat`, 'utf8')))
  const own = niceOf(readFileSync('/proc/self/stat', 'utf8'))
  expect(nices.filter((nice) => nice > own)).toHaveLength(2)
  // The writer’s and the interactive readers’, and what Node itself may have started beside them.
  expect(nices.filter((nice) => nice === own).length).toBeGreaterThanOrEqual(3)
})

/** The 19th field, counted behind the name, which may hold blanks: proc_pid_stat(5). */
function niceOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}
