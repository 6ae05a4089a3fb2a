// The store as a peer node uses it, on the real engine: promises 2 (an answer means committed), 6 (best effort never
// blocks), 8 (read your writes) and 13 (closing loses nothing silently).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLockkeeperError } from '@lockkeeper/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AnyActorRef } from 'xstate'
import { author, documentOf } from '../../fixtures/author.ts'
import { peerIdOf } from '../../fixtures/peers.ts'
import { keyValueLimits, pageLimits } from '../limits.ts'
import { cidOf, codecs } from '../records/cid.ts'
import { compareCids } from '../records/multihash.ts'
import { verifyBlob } from '../records/verify-blob.ts'
import type { PeerStore, VerifiedBlob } from '../types.ts'
import { openPeerStore } from './open-peer-store.ts'

let folder: string
let store: PeerStore

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockkeeper-'))
  store = await openPeerStore({ file: join(folder, 'store.db') })
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

async function reopen(): Promise<void> {
  await store.close()
  store = await openPeerStore({ file: join(folder, 'store.db') })
}

function media(text: string): VerifiedBlob {
  const bytes = new TextEncoder().encode(text)
  return verifyBlob({ cid: cidOf(bytes, codecs.raw), bytes })
}

describe('blobs', () => {
  test('are there once putBlobs has answered, byte for byte, and still after reopening', async () => {
    const blobs = [documentOf(author(), { path: 'a.md' }), media('a picture'), media('')]
    await store.putBlobs(blobs)
    for (const { cid, bytes } of blobs) {
      const stored = await store.getBlob(cid)
      expect(verifyBlob(stored ?? { cid: '', bytes })).toMatchObject({ cid, bytes: new Uint8Array(bytes) })
    }
    await reopen()
    expect((await store.getBlobs(blobs.map(({ cid }) => cid))).map(({ cid }) => cid)).toEqual(
      blobs.map(({ cid }) => cid),
    )
  })

  test('put again change nothing, even in the same call', async () => {
    const blob = documentOf(author(), { path: 'a.md' })
    await store.putBlobs([blob, blob])
    await store.putBlobs([blob], { until: 'indexed' })
    const bytes = blob.bytes.byteLength
    expect(await store.status()).toEqual({
      documents: 1,
      blobs: 1,
      bytes,
      peers: 0,
      toIndex: 0,
      waiting: 0,
    })
  })

  test('in thousands, from many callers at once, are listed in order, page by page', async () => {
    const blobs = Array.from({ length: 2_000 }, (_, index) => media(`blob ${index}`))
    const calls = Array.from({ length: 20 }, (_, call) =>
      store.putBlobs(blobs.slice(call * 90, call * 90 + 200)),
    )
    await Promise.all([...calls, store.putBlobs(blobs)])
    const listed: string[] = []
    for (let page: string[] = []; listed.length === 0 || page.length > 0; listed.push(...page)) {
      page = await store.listBlobs({ limit: 300, after: listed.at(-1) })
    }
    expect(listed).toEqual(blobs.map(({ cid }) => cid).sort(compareCids))
    const bytes = blobs.reduce((sum, blob) => sum + blob.bytes.byteLength, 0)
    expect(await store.status()).toMatchObject({ blobs: 2_000, bytes })
  })

  test('that are missing are told in the order asked for, however many', async () => {
    const blobs = Array.from({ length: pageLimits.lookupItemsMax + 10 }, (_, index) => media(`blob ${index}`))
    await store.putBlobs(blobs.filter((_, index) => index % 2 === 0))
    const missing = await store.missing(blobs.map(({ cid }) => cid))
    expect(missing).toEqual(blobs.filter((_, index) => index % 2 === 1).map(({ cid }) => cid))
  })

  test('that are not stored are undefined, or left out of several', async () => {
    const [there, absent] = [media('there'), media('absent')]
    await store.putBlobs([there])
    expect(await store.getBlob(absent.cid)).toBe(undefined)
    expect((await store.getBlobs([absent.cid, there.cid, 'no cid'])).map(({ cid }) => cid)).toEqual([
      there.cid,
    ])
  })

  test('are not waited for by a caller who gives up (promise 15)', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const refusal = await store.putBlobs([media('late')], { signal }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'aborted', outcome: 'not-stored' })
    expect(await store.status()).toMatchObject({ blobs: 0 })
  })

  test('of nothing are put at once', async () => {
    await store.putBlobs([])
  })
})

describe('key and value', () => {
  test('are read as last written', async () => {
    expect(await store.getValue('cursor')).toBe(undefined)
    await store.setValue('cursor', '1')
    await store.setValue('cursor', '2')
    expect(await store.getValue('cursor')).toBe('2')
  })

  test('are bounded', async () => {
    const value = 'x'.repeat(keyValueLimits.valueCharactersMax + 1)
    const refusal = await store.setValue('k', value).catch((error: unknown) => error)
    expect(isLockkeeperError(refusal, 'invalid-argument')).toBe(true)
  })
})

test('a store that could not be opened to the end leaves its file to whoever tries again', async () => {
  const file = join(folder, 'again.db')
  const ownKey = (() => {}) as unknown as Uint8Array // nothing that crosses to a thread
  await expect(openPeerStore({ file, ownKey })).rejects.toMatchObject({ code: 'invalid-argument' })
  await using again = await openPeerStore({ file })
  expect(await again.status()).toMatchObject({ blobs: 0 })
})

describe('closing', () => {
  test('writes what was put and not answered yet, and may be asked for twice', async () => {
    const blobs = Array.from({ length: 100 }, (_, index) => documentOf(author(), { path: `${index}.md` }))
    const put = store.putBlobs(blobs)
    const closing = store.close()
    await Promise.all([put, closing, store.close()])
    await reopen()
    await store.indexed()
    expect(await store.status()).toMatchObject({ documents: 100, blobs: 100 })
  })

  test('refuses what is put meanwhile: nothing is answered that is not stored (promise 2)', async () => {
    const early = store.putBlobs(Array.from({ length: 100 }, (_, index) => media(`early ${index}`)))
    const closing = store.close()
    const late = store.putBlobs([media('late')]).catch((error: unknown) => error)
    expect(await late).toMatchObject({ code: 'closed', outcome: 'not-stored', stage: 'close' })
    await Promise.all([early, closing])
    await reopen()
    expect(await store.status()).toMatchObject({ blobs: 100 })
  })

  test('afterwards puts are refused, honestly, and sightings pass by', async () => {
    await store.close()
    const refusal = await store.putBlobs([media('late')]).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'closed', outcome: 'not-stored' })
    store.sawPeer({ id: 'late', seenAt: 1, addresses: [], status: 'connected' })
  })
})

test('actors show in the inspector under their fixed system ids, with depths and no values', async () => {
  await store.close()
  const contexts = new Map<string, string>()
  const file = join(folder, 'inspected.db')
  store = await openPeerStore({
    file,
    inspect: (event) => {
      if (event.type !== '@xstate.snapshot' || !('context' in event.snapshot)) return
      const { work } = event.snapshot.context as { work?: unknown }
      const { id } = event.actorRef as AnyActorRef
      contexts.set(id, (contexts.get(id) ?? '') + (JSON.stringify(work) ?? ''))
    },
  })
  store.sawPeer({ id: peerIdOf(7), seenAt: 1, addresses: ['/dns4/secret/tcp/1'], status: 'connected' })
  store.domains.checked({ name: 'secret.example', status: 'ok', checkedAt: 1 })
  await store.putBlobs([media('secret blob')])
  expect([...contexts.keys()]).toEqual(
    expect.arrayContaining(['peer-writer', 'domains', 'blob-writer', 'index', 'writer']),
  )
  expect(contexts.get('peer-writer')).toContain('"held":1')
  expect([...contexts.values()].join()).not.toMatch(/secret|12D3Koo/)
})
