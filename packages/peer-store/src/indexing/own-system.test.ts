// The index actor in an actor system of one's own: the same machines, spawned by whoever embeds them, drained before the
// database closes (promise 13).
import { type CoalescerHost, openDatabase } from '@lockkeeper/core'
import { temporaryFolder } from '@lockkeeper/testkit'
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
  const drains: ((options: { readonly deadlineMs: number }) => Promise<void>)[] = []
  const host: CoalescerHost = {
    spawn: (logic, { systemId, input }) => {
      const actor = createActor(logic, { systemId, input })
      actors.set(systemId, actor)
      return actor.start() as never
    },
    beforeClose: (drain) => {
      drains.push(drain)
      return () => {}
    },
  }
  const index = spawnIndexActor(db, { host })
  expect([...actors.keys()].sort()).toEqual(['blob-writer', 'index'])
  const signer = author()
  const put = index.put(Array.from({ length: 300 }, (_, at) => documentOf(signer, { path: `${at}.md` })))
  for (const drain of drains) await drain({ deadlineMs: 20_000 })
  await put
  expect([...actors.values()].map((actor) => actor.getSnapshot().status)).toEqual(['done', 'done'])
  await db.close()
  await using again = await openDatabase({ file: folder.file('own.db') })
  expect(await again.readValue('select count(*) from blobs')).toBe(300)
})
