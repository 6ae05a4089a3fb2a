// Promise 10: the record that is set aside is the one that failed, also where another comes before it meanwhile.
import { type Database, openDatabase } from '@lockkeeper/core'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { blobRow } from '../blobs/blob-row.ts'
import { KnownBlobs } from '../blobs/known-blobs.ts'
import { indexLimits } from '../limits.ts'
import { encodeComment } from '../records/comment-record.ts'
import { migrations } from '../schema/migrations.ts'
import { modules, type StoreModules } from '../store/modules.ts'
import { DatabaseIndexWork } from './index-work.ts'

/** The same database, where something happens after each step, before whoever sent it hears how it ended. */
function afterSteps(db: Database<StoreModules>, then: () => Promise<void>): Database<StoreModules> {
  const step = (...args: Parameters<typeof db.call.index.step>) => {
    const ticket = db.call.index.step(...args)
    return {
      outcome: async () => {
        const ended = await ticket.outcome()
        await then()
        return ended
      },
    }
  }
  return { jobs: db.jobs, call: { ...db.call, index: { ...db.call.index, step } } } as never
}

/*
 * person                                index actor
 * ------                                -----------
 *                                       tries the poisoned record alone, for the last time; it fails
 * publishes a document, which wakes
 * an older comment
 *                                       sets the poisoned record aside, not the comment
 */
test('what a person’s write wakes is not set aside in place of what failed', async () => {
  await using folder = await temporaryFolder()
  await using db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
  const writer = author()
  const document = documentOf(writer, { path: 'late.md' })
  const comment = encodeComment({ on: document.cid, text: 'early', time: 1 }, author())
  await db.call.index.publish([await blobRow(comment)])
  await db.write(`create trigger poison before insert on resources when new.path = 'bad.md'
    begin select raise(abort, 'poison'); end`)
  await db.call.blobs.store([await blobRow(documentOf(writer, { path: 'bad.md' }))])

  let tries = 0
  const work = new DatabaseIndexWork(
    afterSteps(db, async () => {
      if (++tries === indexLimits.strikesMax + 1) await db.call.index.publish([await blobRow(document)])
    }),
    new KnownBlobs(),
  )
  while (tries <= indexLimits.strikesMax) expect(await work.step()).toBe('failed')
  expect(work.counts.setAside).toBe(1)
  expect(await db.readColumn('select state from blobs order by id')).toEqual([0, 3, 1])
  expect(await work.step()).toBe('done')
  expect(await db.readColumn('select state from blobs order by id')).toEqual([1, 3, 1])
})
