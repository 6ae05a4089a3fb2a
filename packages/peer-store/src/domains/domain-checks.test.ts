// What the filter lets go of, and what not: no check that says how a domain is now may be lost to one that said the same of then
// (promise 6); and times from a clock that was ahead don't stay.
import { type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { domainLimits } from '../limits.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore } from '../types.ts'
import type { DomainCheck } from './types.ts'

let folder: TemporaryFolder
let store: PeerStore
const name = 'example.com'
const checked = (checkedAt: number, fields: Partial<DomainCheck> = {}): void =>
  store.domains.checked({ name, status: 'ok', checkedAt, ...fields })

beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openPeerStore({ file: folder.file('store.db') })
})

afterEach(async () => {
  await store.close()
  await folder[Symbol.asyncDispose]()
})

describe('a check that comes late', () => {
  test('is not what the next one is compared with, while it is on its way', async () => {
    checked(100)
    await store.domains.flush()
    checked(10, { status: 'failed', error: 'timeout' })
    checked(105, { status: 'failed', error: 'timeout' })
    expect(await store.domains.find(name)).toMatchObject({ status: 'failed', checkedAt: 105, failedAt: 105 })
  })

  test('nor once it is written: of each part the newest counts', async () => {
    checked(100, { config: '{"a":1}' })
    await store.domains.flush()
    checked(10, { status: 'failed', error: 'timeout' })
    checked(20, { config: '{"old":1}' })
    await store.domains.flush()
    expect(await store.domains.find(name)).toMatchObject({
      ...{ status: 'ok', checkedAt: 100, failedAt: 10, error: 'timeout', config: '{"a":1}' },
    })
    checked(110, { config: '{"a":1}' })
    expect(store.domains.counts.unchanged).toBe(1)
    checked(115, { status: 'failed', error: 'timeout' })
    expect(await store.domains.find(name)).toMatchObject({ status: 'failed', checkedAt: 115 })
  })
})

test('a check without a configuration changes none, and hides no later one', async () => {
  checked(100, { config: '{"a":1}' })
  await store.domains.flush()
  checked(200)
  checked(300, { config: '{"a":1}' })
  expect(store.domains.counts.unchanged).toBe(2)
  checked(100 + domainLimits.checkResolutionMs)
  checked(100 + domainLimits.checkResolutionMs + 1, { config: '{"a":2}' })
  expect(await store.domains.find(name)).toMatchObject({ config: '{"a":2}' })
  await store.domains.flush()
  checked(100 + domainLimits.checkResolutionMs + 2)
  checked(100 + domainLimits.checkResolutionMs + 3, { config: '{"a":2}' })
  expect(store.domains.counts.unchanged).toBe(4)
})

test('a configuration nested deeper than SQLite reads is refused by type, and fails nobody’s batch (promise 10)', async () => {
  const nested = (depth: number, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth)
  checked(1, { config: nested(2_000) })
  checked(1, { config: `["${']'.repeat(2_000)}", ${nested(2_000)}]` })
  expect(store.domains.counts.refused).toMatchObject({ 'bad-config': 2 })
  const sound = nested(domainLimits.configNestingMax, `"\\"${'['.repeat(500)}"`)
  checked(1, { config: sound })
  expect(await store.domains.find(name)).toMatchObject({ config: sound })
})

test('a check from a clock that was ahead is due again after the next start', async () => {
  const year = 365 * 86_400_000
  const now = Date.now()
  checked(now, { config: '{}' })
  checked(now + year)
  await store.close()
  store = await openPeerStore({ file: folder.file('store.db') })
  checked(now + 60_000, { status: 'failed', error: 'gone' })
  await store.domains.flush()
  expect(await store.domains.find(name)).toMatchObject({ status: 'failed', config: '{}' })
  expect(await store.domains.due({ limit: 1, now: now + 2 * domainLimits.checkEveryMs })).toEqual([name])
})
