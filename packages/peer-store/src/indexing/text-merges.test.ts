// Promise 4: what a person's write may have to wait for is small. The full-text index is merged little and often, and not, as FTS5
// does it by itself, seldom and much at once.
import { type Database, openDatabase } from '@lockkeeper/core'
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { blobRow } from '../blobs/blob-row.ts'
import { migrations } from '../schema/migrations.ts'
import { modules, type StoreModules } from '../store/modules.ts'

let folder: TemporaryFolder
let db: Database<StoreModules>

beforeEach(async () => {
  folder = await temporaryFolder()
  db = await openDatabase({ file: folder.file('store.db'), migrations, procedures: modules })
})

afterEach(async () => {
  await db.close()
  await folder[Symbol.asyncDispose]()
})

const segments = (): Promise<number | undefined> =>
  db.readValue<number>('select count(distinct segid) from texts_idx')

test('each publication adds a segment, and they stay few without FTS5 merging by itself', async () => {
  expect(await db.readValue(`select v from texts_config where k = 'automerge'`)).toBe(0)
  const writer = author()
  let most = 0
  for (let index = 0; index < 200; index++) {
    const text = Array.from({ length: 60 }, (_, word) => `word${index}x${word}`).join(' ')
    const document = documentOf(writer, { path: `${index}.md`, text })
    await db.call.index.publish([await blobRow(document)])
    most = Math.max(most, (await segments()) ?? 0)
  }
  // At 16 of one level FTS5 would merge them all at once, whatever it is told.
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThan(16)
  expect(await db.call.documents.search({ text: 'word7x7', limit: 10 })).toHaveLength(1)
})
