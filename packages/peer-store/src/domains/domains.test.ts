// Domain checks come in storms every 30 minutes; nobody waits for a row (promises 6, 8, 12 and 13).
import { seeded, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { domainLimits } from '../limits.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore } from '../types.ts'
import { isDomainName, mergeDomainNotes, noteOfCheck } from './domain-note.ts'
import type { DomainCheck } from './types.ts'

let folder: TemporaryFolder
let store: PeerStore
const minute = 60_000
const ok = (name: string, checkedAt: number, config?: string): DomainCheck => ({
  name,
  status: 'ok',
  checkedAt,
  config,
})

beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openPeerStore({ file: folder.file('store.db') })
})

afterEach(async () => {
  await store.close()
  await folder[Symbol.asyncDispose]()
})

describe('a domain', () => {
  test('has its last check, last success, configuration and last error', async () => {
    store.domains.checked(ok('example.com', 10, '{"a":1}'))
    store.domains.checked({ name: 'example.com', status: 'failed', checkedAt: 20, error: 'timeout' })
    expect(await store.domains.find('example.com')).toEqual({
      name: 'example.com',
      status: 'failed',
      checkedAt: 20,
      succeededAt: 10,
      failedAt: 20,
      error: 'timeout',
      config: '{"a":1}',
    })
    await store.close()
    store = await openPeerStore({ file: folder.file('store.db') })
    store.domains.checked(ok('example.com', 30))
    store.domains.checked({ name: 'example.com', status: 'failed', checkedAt: 5, error: 'older' }) // came late
    expect(await store.domains.find('example.com')).toMatchObject({
      status: 'ok',
      checkedAt: 30,
      succeededAt: 30,
      failedAt: 20,
      error: 'timeout',
      config: '{"a":1}',
    })
  })

  test('is written once a minute while its checks say the same, and at once when they don’t', async () => {
    for (let ms = 0; ms < minute; ms += 1_000) store.domains.checked(ok('example.com', ms, '{}'))
    await store.domains.flush()
    expect(store.domains.counts).toMatchObject({ reported: 60, unchanged: 59, rowsWritten: 1 })
    store.domains.checked(ok('example.com', minute - 1, '{"new":true}'))
    expect(await store.domains.find('example.com')).toMatchObject({ config: '{"new":true}' })
  })

  test('is due 30 minutes after its last check, the one that waits for longest first', async () => {
    for (const [name, at] of [
      ['b.example', 5],
      ['a.example', 10],
      ['c.example', 20],
    ] as const) {
      store.domains.checked(ok(name, at))
    }
    await store.domains.flush()
    const now = domainLimits.checkEveryMs + 10
    expect(await store.domains.due({ limit: 9, now })).toEqual(['b.example', 'a.example'])
    expect(await store.domains.due({ limit: 1, now })).toEqual(['b.example'])
    const [first] = await store.domains.list({ limit: 1 })
    expect(first?.name).toBe('a.example')
    expect((await store.domains.list({ limit: 9, after: 'a.example' })).map(({ name }) => name)).toEqual([
      'b.example',
      'c.example',
    ])
  })

  test('in a storm costs nobody a wait, and one row each', async () => {
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 800; index++)
        store.domains.checked(ok(`d${index}.example`, round, `{"n":${round}}`))
    }
    expect(await store.close()).toEqual({ notWritten: 0 })
    expect(store.domains.counts).toMatchObject({ reported: 4_000, rowsWritten: 800 })
  })
})

test.each([
  ['example.com', true],
  ['localhost:3000', true],
  ['xn--bcher-kva.example', true],
  ['1.2.3.4', true],
  ['Example.com', false],
  ['https://example.com', false],
  ['example.com/path', false],
  ['-a.example', false],
  ['a..example', false],
  ['example.com:99999', false],
  [`${'a'.repeat(64)}.example`, false],
  [`${'a.'.repeat(200)}example`, false],
  ['', false],
])('%j is a domain’s name: %s', (name, answer) => {
  expect(isDomainName(name)).toBe(answer)
})

test('anything at all is taken without throwing, and what is wrong refused by type and counted', async () => {
  store.domains.checked({ ...ok('example.com', 1), name: 'no name' })
  store.domains.checked({ ...ok('example.com', 1), checkedAt: -1 })
  store.domains.checked(ok('example.com', 1, '{'))
  store.domains.checked(ok('example.com', 1, `"${'x'.repeat(domainLimits.configCharactersMax)}"`))
  expect(store.domains.counts.refused).toEqual({ 'bad-name': 1, 'bad-check': 1, 'bad-config': 2 })
  const odd = fc.record({
    name: fc.oneof(fc.constantFrom('a.example', 'b.example'), fc.anything()),
    status: fc.constantFrom('ok', 'failed', 7),
    checkedAt: fc.oneof(fc.double(), fc.nat()),
    config: fc.oneof(fc.json(), fc.constant(undefined), fc.anything()),
    error: fc.oneof(fc.string(), fc.constant(undefined), fc.anything()),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(odd, fc.anything()), { maxLength: 30 }), async (checks) => {
      for (const check of checks) store.domains.checked(check as DomainCheck)
      await store.domains.flush()
      const { reported, unchanged, held, merged, stored, refused, dropped } = store.domains.counts
      expect(dropped).toEqual({ full: 0, failed: 0, closed: 0 })
      const refusals = Object.values(refused).reduce((sum, count) => sum + count)
      expect(unchanged + held + merged + stored + refusals).toBe(reported)
    }),
    seeded('odd domain checks', 60),
  )
})

test('notes of a domain come out the same in whatever order they arrive', () => {
  const check = fc.record({
    name: fc.constant('a.example'),
    status: fc.constantFrom<'ok' | 'failed'>('ok', 'failed'),
    checkedAt: fc.nat(1_000),
    error: fc.string(),
  })
  const orders = fc
    .uniqueArray(check, { minLength: 2, maxLength: 9, selector: ({ checkedAt }) => checkedAt })
    .chain((checks) =>
      fc.tuple(fc.constant(checks), fc.shuffledSubarray(checks, { minLength: checks.length })),
    )
  fc.assert(
    fc.property(orders, ([checks, shuffled]) => {
      const merged = (list: readonly DomainCheck[]) =>
        list.map((one) => noteOfCheck(one)).reduce(mergeDomainNotes)
      expect(merged(shuffled)).toEqual(merged(checks))
    }),
    seeded('domain notes', 200),
  )
})
