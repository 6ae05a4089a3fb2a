import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LockkeeperError, openDatabase } from '@lockkeeper/core'
import { expect, onTestFinished, test } from 'vitest'
import { author } from '../../fixtures/author.ts'
import { blobRow } from '../blobs/blob-row.ts'
import { encodeDocument } from '../records/document-record.ts'
import { migrations } from '../schema/migrations.ts'
import { FlushWatch } from './flush-watch.ts'
import { modules } from './modules.ts'

const row = await blobRow(
  encodeDocument({ title: 'a', path: 'a.md', text: '', links: [], time: 1 }, author()),
)

test('tells why flushes fail, once, and when they work again (promise 17)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-watch-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await using db = await openDatabase({ file: join(folder, 'node.db'), migrations, procedures: modules })
  const heard: (LockkeeperError | undefined)[] = []
  const watch = new FlushWatch((trouble) => heard.push(trouble))
  const store = watch.watch(db.procedure.blobs.store)
  const flush = (): Promise<unknown> => store.call([row]).outcome()

  await flush()
  expect(watch.trouble).toBeUndefined()
  await db.write("create trigger stop before insert on blobs begin select raise(abort, 'enough'); end")
  await flush()
  await flush()
  expect(watch.trouble?.message).toContain('enough')
  await db.write('drop trigger stop')
  await flush()
  expect(watch.trouble).toBeUndefined()
  expect(heard).toEqual([expect.objectContaining({ code: 'sqlite-constraint-trigger' }), undefined])
})
