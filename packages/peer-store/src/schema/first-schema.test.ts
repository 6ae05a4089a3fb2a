// A file of the first schema keeps its blobs: they are there at once under their names, their data moves in the background, and
// everything is derived from them anew.
import { openDatabase } from '@lockkeeper/core'
import { temporaryFolder } from '@lockkeeper/testkit'
import { expect, test } from 'vitest'
import { author, documentOf } from '../../fixtures/author.ts'
import { cidOf, codecs } from '../records/cid.ts'
import { nameOf } from '../records/multihash.ts'
import { verifyBlob } from '../records/verify-blob.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { Blob } from '../types.ts'
import { firstSchema, migrations } from './migrations.ts'

const writer = author()
const documents = Array.from({ length: 40 }, (_, index) =>
  documentOf(writer, { path: `${index}.md`, text: `word${index}`, links: ['0.md'] }),
)
const media = Array.from({ length: 40 }, (_, index): Blob => {
  const bytes = new Uint8Array(index * 1_000).fill(index)
  return { cid: cidOf(bytes, index % 2 === 0 ? codecs.raw : codecs.dagPb), bytes }
})
const twice = documents.slice(0, 1).map(({ bytes }) => ({ cid: cidOf(bytes, codecs.raw), bytes }))
const blobs: Blob[] = [...twice, ...documents, ...media]

async function writeFirstSchema(file: string): Promise<void> {
  await using db = await openDatabase({ file, migrations: firstSchema })
  const row = ({ cid, bytes }: Blob) => [cid, nameOf(cid)?.codec ?? 0, bytes.byteLength, bytes] as const
  await db.writeMany('insert into blobs (cid, codec, size, bytes) values (?, ?, ?, ?)', blobs.map(row))
  await db.write("insert into documents (path, author, cid, title, time) values ('0.md', ?, ?, '', 1)", [
    writer.publicKey,
    documents[0]?.cid ?? '',
  ])
  await db.write("insert into key_values values ('cursor', '7')")
}

test('its blobs are read and known before their data has moved, and after', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('old.db')
  await writeFirstSchema(file)
  {
    // Migrated, and killed before any job ran.
    await using db = await openDatabase({ file, migrations })
    expect(await db.readValue('select count(*) from old_blobs')).toBe(blobs.length)
    expect(await db.readColumn('select multihash from blobs order by id')).toEqual(
      [...twice, ...documents.slice(1), ...media].map(({ cid }) => Buffer.from(nameOf(cid)?.multihash ?? [])),
    )
  }
  await using store = await openPeerStore({ file })
  expect(await store.missing(blobs.map(({ cid }) => cid))).toEqual([])
  const check = async (): Promise<void> => {
    for (const { cid, bytes } of await store.getBlobs(blobs.map(({ cid }) => cid))) verifyBlob({ cid, bytes })
    expect(await store.getBlobs(blobs.map(({ cid }) => cid))).toHaveLength(blobs.length)
  }
  await check()
  await store.indexed()
  await store.adopted()
  await check()
  expect(await store.status()).toMatchObject({ documents: 40, blobs: blobs.length - 1, toIndex: 0 })
  expect((await store.openDocument({ path: '0.md' }))?.backlinks).toHaveLength(39)
  expect(await store.search('word17', { limit: 10 })).toHaveLength(1)
  expect(await store.getValue('cursor')).toBe('7')
  expect(await store.unread({ limit: 10 })).toEqual([]) // what was there before is no news
})

test('its data has moved once the job has ended, and nothing is left behind', async () => {
  await using folder = await temporaryFolder()
  const file = folder.file('old.db')
  await writeFirstSchema(file)
  {
    await using store = await openPeerStore({ file })
    await store.adopted()
  }
  await using db = await openDatabase({ file })
  expect(await db.readValue('select count(*) from old_blobs')).toBe(0)
  expect(await db.readValue('select count(*) from blob_data')).toBe(blobs.length - 1)
  expect(await db.readColumn('select * from pragma_integrity_check')).toEqual(['ok'])
  expect(await db.read('select * from pragma_foreign_key_check')).toEqual([])
})
