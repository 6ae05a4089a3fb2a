// What strangers say is refused by type and counted, and never takes anything else down (promises 6, 10 and 12).
import { seeded, type TemporaryFolder, temporaryFolder } from '@lockkeeper/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressesOf, peerIdOf } from '../../fixtures/peers.ts'
import { peerLimits } from '../limits.ts'
import { openPeerStore } from '../store/open-peer-store.ts'
import type { PeerStore } from '../types.ts'
import { hashOfAddresses } from './address-hash.ts'
import { isPeerId } from './peer-id.ts'
import type { PeerHearsay, PeerRefusal, PeerSighting, PeerWriterCounts } from './types.ts'
import { usefulAddresses } from './useful-addresses.ts'

const me = peerIdOf('me')

/** Where the reports are: each in one place. */
function sumOf({ unchanged, waiting, held, merged, stored, refused, dropped }: PeerWriterCounts): number {
  const refusedReports = refused['bad-peer-id'] + refused['bad-report'] + refused['too-many-rows']
  const lost = dropped.full + dropped.failed + dropped.closed
  return unchanged + waiting + held + merged + stored + refusedReports + lost
}

function useful(addresses: readonly string[]): {
  kept: string[]
  refused: Partial<Record<PeerRefusal, number>>
} {
  const refused: Partial<Record<PeerRefusal, number>> = {}
  const kept = usefulAddresses(me, addresses, (reason, count) => {
    refused[reason] = (refused[reason] ?? 0) + count
  })
  return { kept, refused }
}

describe('of a list of addresses', () => {
  test.each([
    '',
    '/',
    'ip4/1.2.3.4',
    '/ip4/999.1.1.1/tcp/1',
    '/ip4/1.2.3.4/tcp/99999',
    '/ip4/1.2.3.4/tcp',
    '/ip6/::gg/tcp/1',
    '/nonsense/1',
    '/ip4/1.2.3.4/p2p/xx',
    `/ip4/1.2.3.4/tcp/1/p2p/${peerIdOf('another')}`,
    `/p2p/1${'z'.repeat(900)}/p2p-circuit/p2p/${me}`, // a millisecond to read
    `/ip4/1.2.3.4/tcp/1/p2p/${peerIdOf('relay')}/p2p-circuit/p2p/${peerIdOf('another')}`,
  ])('%j is left out', (address) => {
    expect(useful([address])).toEqual({ kept: [], refused: { 'bad-address': 1 } })
  })

  test('the most useful come first: reachable from anywhere, behind a relay, in private networks, local', () => {
    const relayed = `/ip4/1.2.3.4/tcp/1/p2p/${peerIdOf('relay')}/p2p-circuit`
    const [v4, v6, dns] = ['/ip4/8.8.8.8/tcp/1', '/ip6/2600::1/tcp/1', `/dns4/example.com/tcp/1/p2p/${me}`]
    const inside = [
      '/ip4/192.168.0.9/tcp/1',
      '/ip4/10.0.0.1/tcp/1',
      '/ip4/100.64.0.1/tcp/1',
      '/ip6/fd00::1/tcp/1',
    ]
    const local = ['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1', '/ip6/fe80::1/tcp/1', '/dns4/localhost/tcp/1']
    const told = [...local, ...inside, relayed, v4, v6, dns, v4]
    expect(useful(told)).toEqual({ kept: [v4, v6, dns, relayed, ...inside, ...local], refused: {} })
  })

  test('65 long ones are cut to what is kept of a peer, the least useful gone, and the rest counted', () => {
    const long = Array.from({ length: 65 }, (_, index) => {
      const [certificates] = addressesOf(index, 1)
      return `/ip4/10.0.0.${index}/tcp/1/http/certhash/${certificates?.split('/certhash/')[1]}`.padEnd(90, '')
    })
    const { kept, refused } = useful([...long, '/ip4/8.8.8.8/tcp/1'])
    expect(kept[0]).toBe('/ip4/8.8.8.8/tcp/1')
    expect(kept.length).toBeLessThanOrEqual(peerLimits.addressesMax)
    expect(kept.join('').length).toBeLessThanOrEqual(peerLimits.addressesCharactersMax)
    expect(refused).toEqual({ 'too-many-addresses': 66 - kept.length })
  })

  test('no more is looked at than the bounds say, and the rest counted', () => {
    const many = Array.from({ length: 1_000 }, (_, port) => `/ip4/8.8.8.8/tcp/${port + 1}`)
    const { kept, refused } = useful(many)
    expect(kept).toEqual(many.slice(0, peerLimits.addressesMax))
    expect(refused).toEqual({ 'too-many-addresses': 1_000 - peerLimits.addressesMax })
    expect(useful([`/dns4/${'a'.repeat(peerLimits.addressCharactersMax)}/tcp/1`]).refused).toEqual({
      'long-address': 1,
    })
  })
})

test('the hash of a list knows no order, and knows every change', () => {
  const addresses = fc.uniqueArray(fc.string({ maxLength: 40 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(addresses, fc.nat(), (list, at) => {
      const hash = hashOfAddresses(list)
      expect(hashOfAddresses(list.toReversed())).toBe(hash)
      expect(hashOfAddresses(list.with(at % list.length, `${list[at % list.length]}x`))).not.toBe(hash)
      expect(hashOfAddresses([...list, 'one more'])).not.toBe(hash)
    }),
    seeded('address hash', 500),
  )
})

test.each([
  ['12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA', true],
  ['QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', true],
  ['bafzaajaiaejcal72gwuz2or47oyxxn6b3rkwdmmkrxgkjxzy3rqt5kczyn7lcm3l', true],
  ['bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', false], // a file's name
  ['12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S', false],
  ['', false],
  ['1', false],
  ['a peer', false],
])('%j is a peer’s id: %s', (id, answer) => {
  expect(isPeerId(id)).toBe(answer)
})

describe('a store', () => {
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

  test('refuses by type and counts, and writes what is right beside it', async () => {
    const right: PeerSighting = { id: me, addresses: ['/ip4/8.8.8.8/tcp/1'], status: 'connected', seenAt: 1 }
    store.sawPeer({ ...right, id: 'no peer' })
    store.sawPeer({ ...right, id: 'x'.repeat(10_000_000) })
    store.sawPeer({ ...right, seenAt: Number.NaN })
    store.sawPeer({ ...right, addresses: ['/bad', ...right.addresses, 'x'.repeat(10_000_000)] })
    store.refusedBlobs(me, Number.POSITIVE_INFINITY)
    await store.peers.flush()
    expect(store.peers.counts).toMatchObject({
      reported: 5,
      refused: { 'bad-peer-id': 2, 'bad-report': 2, 'bad-address': 1, 'long-address': 1 },
    })
    expect(await store.listPeers({ limit: 5 })).toMatchObject([{ id: me, addresses: right.addresses }])
  })

  test('keeps of 65 long addresses what it says it keeps, and counts the rest', async () => {
    const addresses = addressesOf(1, 65)
    store.sawPeer({ id: me, addresses, status: 'connected', seenAt: 1 })
    const kept = (await store.peers.find(me))?.addresses ?? []
    expect(kept).toEqual(addresses.slice(0, kept.length))
    expect(kept.length).toBeGreaterThan(40)
    expect(store.peers.counts.refused).toMatchObject({ 'too-many-addresses': 65 - kept.length })
  })

  test('takes anything at all without throwing, and stays right: every report is in one count', async () => {
    const odd = fc.oneof(
      fc.anything(),
      fc.record({
        id: fc.constant(me),
        addresses: fc.anything(),
        status: fc.anything(),
        seenAt: fc.anything(),
      }),
      fc.record({
        id: fc.oneof(fc.nat(5).map(peerIdOf), fc.string()),
        addresses: fc.array(fc.oneof(fc.string(), fc.constant('/ip4/8.8.8.8/tcp/1'), fc.anything())),
        status: fc.constantFrom('connected', 'failed', 'disconnected', 'odd'),
        seenAt: fc.oneof(fc.double(), fc.nat()),
        reason: fc.oneof(fc.string(), fc.anything()),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { maxLength: 30 }), fc.anything(), async (reports, at) => {
        for (const report of reports) store.sawPeer(report as PeerSighting)
        store.peers.heardOf(reports as PeerHearsay[], at as number)
        store.peers.heardOf(reports as PeerHearsay[], 1)
        store.refusedBlobs(at as string, at as number)
        expect(sumOf(store.peers.counts)).toBe(store.peers.counts.reported)
        await store.peers.flush()
        expect(sumOf(store.peers.counts)).toBe(store.peers.counts.reported)
        const { waiting, dropped } = store.peers.counts
        expect({ waiting, dropped }).toEqual({ waiting: 0, dropped: { full: 0, failed: 0, closed: 0 } })
      }),
      seeded('odd reports', 60),
    )
    for (const report of [me, peerIdOf(1), peerIdOf(1)])
      store.peers.heardOf([{ id: report, addresses: [] }], 1)
    await store.close()
    store.peers.heardOf([{ id: me, addresses: [] }], 1)
    expect(sumOf(store.peers.counts)).toBe(store.peers.counts.reported)
    store = await openPeerStore({ file: folder.file('store.db') })
    for (const row of await store.listPeers({ limit: 1_000 })) {
      expect(isPeerId(row.id)).toBe(true)
      expect(usefulAddresses(row.id, row.addresses, () => {})).toEqual(row.addresses)
    }
  })
})
