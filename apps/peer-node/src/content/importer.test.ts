import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openPeerStore, type PeerStore, type VerifiedBlob } from '@lockkeeper/peer-store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIdentity } from '../identity/identity.ts'
import { contentLimits } from '../limits.ts'
import { findImportRoot } from './found-files.ts'
import { Importer } from './importer.ts'

const { signer } = createIdentity()
const never = new AbortController().signal

let folder: string
let files: string
let store: PeerStore
let skipped: [path: string, reason: string][]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-import-'))
  files = join(folder, 'files')
  store = await openPeerStore({ file: join(folder, 'node.db') })
  skipped = []
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(files, path)), { recursive: true })
  await writeFile(join(files, path), content)
}

async function importerOf(take: (blobs: readonly VerifiedBlob[]) => Promise<void>): Promise<Importer> {
  return new Importer({
    roots: [await findImportRoot(files, join(folder, 'data'))],
    dataFolder: join(folder, 'data'),
    signer,
    store: take,
    onSkipped: (path, reason) => skipped.push([path, reason]),
  })
}

test('texts become documents, everything else media, and what cannot be is skipped and counted', async () => {
  await put('a.md', '# Title\n\nwords [b](b.txt)')
  await put('b.txt', '\uFEFFplain words')
  await put('empty.md', '')
  await put('binary.md', Uint8Array.of(35, 0, 1, 2))
  await put('long.txt', 'x'.repeat(contentLimits.documentBytesMax + 1))
  await put('picture.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47))
  await put('huge.bin', '')
  await truncate(join(files, 'huge.bin'), contentLimits.mediaBytesMax + 1)
  const importer = await importerOf((blobs) => store.putBlobs(blobs))
  expect(await importer.run(never)).toMatchObject({
    state: 'done',
    done: 7,
    total: 7,
    documents: 3,
    media: 3,
    skipped: 1,
  })
  expect(skipped).toEqual([[join(files, 'huge.bin'), expect.stringMatching(/larger/)]])
  await store.indexed()
  const documents = await store.listDocuments({ limit: 10 })
  expect(documents.map(({ path, title }) => [path, title])).toEqual([
    ['a.md', 'Title'],
    ['b.txt', 'b.txt'],
    ['empty.md', 'empty.md'],
  ])
  expect((await store.openDocument({ path: 'b.txt' }))?.text).toBe('plain words')
  expect((await store.openDocument({ path: 'a.md' }))?.links).toEqual(['b.txt'])
})

test('a text made to keep the parser busy is taken as plain text', async () => {
  await put('busy.md', `# Title\n\n${'__a_'.repeat(200_000)} http://x.example`)
  const importer = await importerOf((blobs) => store.putBlobs(blobs))
  expect(await importer.run(never)).toMatchObject({ state: 'done', documents: 1 })
  await store.indexed()
  const busy = await store.openDocument({ path: 'busy.md' })
  expect(busy).toMatchObject({ title: 'busy.md', links: ['http://x.example'] })
})

test('the same files again are the same blobs; a changed one replaces its document', async () => {
  await put('a.md', '# One')
  await put('b.bin', new Uint8Array(600_000).fill(7))
  const run = async (): Promise<string[]> => {
    await (await importerOf((blobs) => store.putBlobs(blobs))).run(never)
    return store.listBlobs({ limit: 100 })
  }
  const first = await run()
  expect(await run()).toEqual(first)
  await put('a.md', '# Two')
  await utimes(join(files, 'a.md'), new Date(), new Date(Date.now() + 10_000))
  expect(await run()).toHaveLength(first.length + 1)
  await store.indexed()
  expect(await store.listDocuments({ limit: 10 })).toMatchObject([{ path: 'a.md', title: 'Two' }])
})

test('a store that fails ends the import, which says so', async () => {
  await put('a.md', 'text')
  const importer = await importerOf(() => Promise.reject(new Error('disk full')))
  expect(await importer.run(never)).toMatchObject({ state: 'failed', error: 'disk full' })
})

test('so does one that fails in the middle of a large file', async () => {
  await put('large.bin', new Uint8Array(20_000_000))
  let batches = 0
  const importer = await importerOf(async (blobs) => {
    batches++
    if (batches > 2) throw new Error('disk full')
    await store.putBlobs(blobs)
  })
  expect(await importer.run(never)).toMatchObject({ state: 'failed', error: 'disk full', media: 0 })
})

test('stopped on the way, it ends between files and keeps what it has stored', async () => {
  for (let n = 0; n < 100; n++) await put(`${String(n).padStart(3, '0')}.md`, `# ${n}`)
  const stop = new AbortController()
  const importer = await importerOf(async (blobs) => {
    await store.putBlobs(blobs)
    stop.abort(new Error('stopping'))
  })
  const { state, done } = await importer.run(stop.signal)
  expect({ state, done }).toEqual({ state: 'stopped', done: contentLimits.batchItems })
  await store.indexed()
  expect((await store.status()).documents).toBe(contentLimits.batchItems)
})
