// The coalescer on a real database: its actor in the database's system, its flushes in a lane, its end in the close.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Level, schema } from '../../fixtures/level-procedures.ts'
import { openDatabase } from '../database/open.ts'
import { procedures } from '../procedures/reference.ts'
import { coalescer } from './coalescer.ts'
import type { CoalescerOptions, PendingKey } from './types.ts'

const fixture = new URL('../../fixtures/level-procedures.ts', import.meta.url)

const open = (file: string) =>
  openDatabase({
    file,
    migrations: [{ set: 'test', id: 1, name: 'levels', sql: schema }],
    procedures: { levels: procedures<typeof import('../../fixtures/level-procedures.ts')>(fixture) },
  })

const folders: string[] = []
let db: Awaited<ReturnType<typeof open>>

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  folders.push(folder)
  db = await open(join(folder, 'a.db'))
})

afterEach(async () => {
  await db.close()
})

// At the end only: a file may stay claimed until a thread has gone that a short deadline left behind, and the next one could get
// its inode.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const spawn = (options: Partial<CoalescerOptions<Level>> = {}) =>
  coalescer<Level>(db, {
    name: 'levels',
    key: ({ name }) => name,
    flush: db.procedure.levels.setAll,
    ...options,
  })

const stored = () => db.read<Level>('select name, level from levels order by name')

test('a put is answered after the commit, and a read that starts then sees it (promises 2 and 8)', async () => {
  const levels = spawn()
  levels.offer({ name: 'a', level: 1 })
  await levels.put({ name: 'a', level: 2 })
  expect(await stored()).toEqual([{ name: 'a', level: 2 }])
  expect(levels.counts).toMatchObject({ offered: 2, merged: 1, flushed: 1, flushes: 1, failed: 0 })
})

test('what was merged or filtered is in the ledger, by label and lane', async () => {
  const levels = spawn({ lane: 'sync', changes: (next, last) => next.level !== last.level })
  for (const level of [1, 2, 3]) levels.offer({ name: 'a', level })
  await levels.flush()
  levels.offer({ name: 'a', level: 3 })
  await levels.put({ name: 'b', level: 1 })
  const row = db.report().ledger?.writes.find(({ lane }) => lane === 'sync')
  expect(row).toMatchObject({ label: 'levels.setAll', committed: 2, coalesced: 3 })
})

test('a flood of puts passes a small buffer, all of it, in the sync lane (promise 12)', async () => {
  const levels = spawn({ lane: 'sync', overflow: 'wait', itemsMax: 10, itemsHeldMax: 20 })
  const values = Array.from({ length: 1_000 }, (_, level) => ({ name: `n${level}`, level }))
  const before = db.report().lanes.sync.committed
  await levels.putMany(values)
  expect(await stored()).toHaveLength(1_000)
  expect(levels.counts).toMatchObject({ flushed: 1_000, flushes: 100 })
  expect(db.report().lanes.sync.committed - before).toBe(100)
})

test('a read that leaves tells so what it waited for, which need not remember it (promise 12)', async () => {
  let hasLeft: (() => boolean) | undefined
  const leaving = new AbortController()
  const never: PendingKey = {
    whenSettled: (_, left) => {
      hasLeft = left
    },
  }
  const read = db.read('select 1', [], { after: never, signal: leaving.signal })
  leaving.abort()
  await expect(read).rejects.toMatchObject({ code: 'aborted' })
  expect(hasLeft?.()).toBe(true)
})

describe('when a flush fails', () => {
  test('its poison is dropped alone, told and counted, and its neighbours are stored (promises 3 and 10)', async () => {
    const levels = spawn({ itemsMax: 100 })
    const values = Array.from({ length: 100 }, (_, n) => ({ name: `n${n}`, level: n === 41 ? -1 : n }))
    const outcomes = await Promise.all(values.map((value) => levels.put(value).outcome()))
    expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(99)
    expect(outcomes[41]).toMatchObject({
      outcome: 'not-stored',
      error: { code: 'sqlite-constraint-check', label: 'levels.setAll' },
    })
    expect(await stored()).toHaveLength(99)
    expect(levels.counts).toMatchObject({ flushed: 99, dropped: { full: 0, failed: 1, closed: 0 } })
    expect(db.report().drops).toMatchObject({ 'levels.setAll': { 'sqlite-constraint-check': 1 } })
  })

  test('because a value kills the writer’s thread, that one is found before writing stops (promise 10)', async () => {
    const levels = spawn({ itemsMax: 8 })
    const values = [...'abcdefgh'].map((name, level) => ({ name, level, alwaysDeadly: name === 'a' }))
    const outcomes = await Promise.all(values.map((value) => levels.put(value).outcome()))
    expect(outcomes[0]).toMatchObject({ outcome: 'not-stored', error: { code: 'thread-lost' } })
    expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(7)
    expect(await stored()).toHaveLength(7)
    expect(db.report().states.database).toBe('ready')
  })

  test('because two values kill the writer’s thread, both are found before writing stops (promise 10)', async () => {
    const levels = spawn({ itemsMax: 8 })
    const values = [...'abcdefgh'].map((name, level) => ({ name, level, alwaysDeadly: 'ae'.includes(name) }))
    const outcomes = await Promise.all(values.map((value) => levels.put(value).outcome()))
    expect(outcomes.map(({ outcome }) => outcome === 'committed')).toEqual(
      [...'abcdefgh'].map((name) => !'ae'.includes(name)),
    )
    expect(db.report().states.database).toBe('ready')
  })

  test('because the writer’s thread died, its values are stored by the next one (promise 3)', async () => {
    const levels = spawn()
    const deadly = new SharedArrayBuffer(4)
    await levels.putMany([
      { name: 'a', level: 1 },
      { name: 'b', level: 2, deadly },
    ])
    expect(await stored()).toHaveLength(2)
    expect(db.report().restarts.writer).toBe(1)
  })
})

describe('closing the database (promise 13)', () => {
  test('flushes what was offered and nobody waited for', async () => {
    const levels = spawn({ ageMsMax: 60_000 })
    for (let level = 0; level < 1_200; level += 1) levels.offer({ name: `n${level}`, level })
    await db.close()
    expect(levels.counts).toMatchObject({ flushed: 1_200, held: 0, inFlight: 0 })
    db = await open(db.file)
    expect(await stored()).toHaveLength(1_200)
  })

  test('says what it could not write, by label, a flush that nobody answered included', async () => {
    const levels = spawn({
      ageMsMax: 60_000,
      itemsMax: 15,
      label: 'levels.seen',
      flush: { name: 'levels.never', call: () => ({ outcome: () => new Promise(() => {}) }) },
    })
    for (let level = 0; level < 20; level += 1) levels.offer({ name: `n${level}`, level })
    expect(await db.close({ deadlineMs: 50 })).toEqual({
      notWritten: { user: 0, sync: 0, background: 0 },
      valuesNotWritten: { 'levels.seen': 20 },
    })
    expect(levels.counts).toMatchObject({ inFlight: 15, dropped: { full: 0, failed: 0, closed: 5 } })
    expect(db.report().drops).toEqual({ 'levels.seen': { closed: 5 } })
  })

  test('lets in and stores what still waited for room', async () => {
    const levels = spawn({ overflow: 'wait', itemsMax: 10, itemsHeldMax: 20 })
    const put = levels.putMany(Array.from({ length: 500 }, (_, level) => ({ name: `n${level}`, level })))
    expect(levels.counts.waiting).toBe(480)
    await Promise.all([put, db.close()])
    db = await open(db.file)
    expect(await stored()).toHaveLength(500)
  })

  test('refuses what comes afterwards, counted', async () => {
    const levels = spawn()
    await db.close()
    expect(levels.offer({ name: 'late', level: 1 })).toBe(false)
    await expect(levels.put({ name: 'late', level: 1 })).rejects.toMatchObject({ code: 'closed' })
    expect(levels.counts.dropped.closed).toBe(2)
  })
})
