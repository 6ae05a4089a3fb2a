import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore } from '../types.ts'

let folder: TemporaryFolder
let store: PeerStore

beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openPeerStore({ file: folder.file('store.db') })
})

afterEach(async () => {
  await store.close()
  await folder[Symbol.asyncDispose]()
})

const subscription = (path: string, isRecursive = false, account = 'ann') => ({
  account,
  path,
  isRecursive,
  since: 5,
})

test('subscriptions are there once put has answered, listed page by page, and gone once removed (promise 2)', async () => {
  const all = [subscription(''), subscription('a/b', true), subscription('z'), subscription('', true, 'bob')]
  for (const one of all) await store.subscriptions.put(one)
  await store.subscriptions.put({ ...subscription('z', true), since: 9 }) // wider than before, of the same date
  const listed = []
  for (let page = await store.subscriptions.list({ limit: 3 }); page.length > 0; ) {
    listed.push(...page)
    page = await store.subscriptions.list({ limit: 3, after: page.at(-1) })
  }
  expect(listed).toEqual([all[0], all[1], subscription('z', true), all[3]])
  expect(await store.subscriptions.remove({ account: 'ann', path: 'z' })).toBe(true)
  expect(await store.subscriptions.remove({ account: 'ann', path: 'z' })).toBe(false)
})

test('a document falls under its own subscription, or the nearest recursive one above it', async () => {
  const covering = async (path: string) =>
    (await store.subscriptions.covering({ account: 'ann', path }))?.path
  await store.subscriptions.put(subscription('a', true))
  await store.subscriptions.put(subscription('a/b/c'))
  expect(await covering('a')).toBe('a')
  expect(await covering('a/b')).toBe('a')
  expect(await covering('a/b/c')).toBe('a/b/c')
  expect(await covering('a/b/c/d')).toBe('a')
  expect(await covering('ab')).toBe(undefined)
  await store.subscriptions.put(subscription('', true))
  expect(await covering('ab')).toBe('')
})

test.each([
  ['no account', { ...subscription('a'), account: '' }],
  ['a path from the root', subscription('/a')],
  ['a path without end', subscription('a'.repeat(2_000))],
  ['no date', { ...subscription('a'), since: Number.NaN }],
])('one with %s is refused', async (_, wrong) => {
  const refusal = await store.subscriptions.put(wrong).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'invalid-argument', outcome: 'not-stored' })
})
