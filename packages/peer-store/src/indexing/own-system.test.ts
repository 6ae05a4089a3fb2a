// The index actor in an actor system of one's own: the same machines, spawned by whoever embeds them, drained before the
// database closes (promise 13).
import { type CoalescerHost, openDatabase } from '@lockkeeper/core'
import { temporaryFolder, until } from '@lockkeeper/testkit'
import { expect, test } from 'vitest'
import { type AnyActorRef, createActor } from 'xstate'
import { author, documentOf } from '../../fixtures/author.ts'
import { migrations } from '../schema/migrations.ts'
import { modules } from '../store/modules.ts'
import { spawnIndexActor } from './index-actor.ts'

test('both actors live where the host puts them, and draining them stores what was put', async () => {
  await using folder = await temporaryFolder()
  const db = await openDatabase({ file: folder.file('own.db'), migrations, procedures: modules })
  const actors = new Map<string, AnyActorRef>()
  const asked: (() => { readonly label: string; readonly values: number })[] = []
  const dropped: unknown[] = []
  const drains: ((options: { readonly deadlineMs: number }) => Promise<void>)[] = []
  const host: CoalescerHost = {
    spawn: (logic, { systemId, input }) => {
      const actor = createActor(logic, { systemId, input })
      actors.set(systemId, actor)
      return actor.start() as never
    },
    beforeClose: (drain, undelivered) => {
      drains.push(drain)
      if (undelivered !== undefined) asked.push(undelivered)
      return () => {}
    },
    countDropped: (label, cause, count) => dropped.push([label, cause, count]),
  }
  const index = spawnIndexActor(db, { host })
  expect([...actors.keys()].sort()).toEqual(['blob-writer', 'index'])
  const signer = author()
  const put = index.put(Array.from({ length: 300 }, (_, at) => documentOf(signer, { path: `${at}.md` })))
  for (const drain of drains) await drain({ deadlineMs: 20_000 })
  await put
  expect([asked.map((ask) => ask()), dropped]).toEqual([[{ label: 'blobs.store', values: 0 }], []])
  expect([...actors.values()].map((actor) => actor.getSnapshot().status)).toEqual(['done', 'done'])
  await db.close()
  await using again = await openDatabase({ file: folder.file('own.db') })
  expect(await again.readValue('select count(*) from blobs')).toBe(300)
})

test('blobs that closing gives up are told by whoever closes, and counted (promise 13)', async () => {
  await using folder = await temporaryFolder()
  const db = await openDatabase({ file: folder.file('own.db'), migrations, procedures: modules })
  const index = spawnIndexActor(db)
  const signer = author()
  await index.indexed()
  // Nothing else is stored while this runs.
  const numbers =
    'with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000000) select i from n'
  const busy = db.write(`insert into key_values select 'numbers', count(*) from (${numbers})`).outcome()
  const put = index.put(Array.from({ length: 300 }, (_, at) => documentOf(signer, { path: `${at}.md` })))
  const ended = put.catch((error: unknown) => error)
  await until('blobs are on their way', () => db.report().lanes.sync.admitted > 0)
  const { valuesNotWritten } = await db.close({ deadlineMs: 0 })
  expect(valuesNotWritten?.['blobs.store']).toBeGreaterThan(0)
  expect(await ended).toMatchObject({ code: 'closed' })
  expect(db.report().drops['blobs.store']).toBeDefined()
  await busy
})
