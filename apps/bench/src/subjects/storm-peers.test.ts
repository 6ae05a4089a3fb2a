import { describe, expect, it } from 'vitest'
import { storm } from '../limits-peer-store.ts'
import { Crowd, versionOf } from './storm-peers.ts'

const bytesOf = (addresses: readonly string[]): number => addresses.join('').length

describe('a crowd of peers', () => {
  it('is the same each time, of peers with 1 to 4 KB of addresses, and a few with 65 that make 19 KB', () => {
    const everybody = new Crowd(200).everybody()
    expect(new Crowd(200).everybody()).toEqual(everybody)
    const large = everybody.filter(({ addresses }) => addresses.length === storm.largeAddresses)
    expect(large).toHaveLength(2)
    for (const { addresses } of large) expect(Math.round(bytesOf(addresses) / 1_000)).toBe(19)
    for (const { addresses } of everybody) {
      if (addresses.length === storm.largeAddresses) continue
      expect(bytesOf(addresses)).toBeGreaterThan(storm.addressBytesMin)
      expect(bytesOf(addresses)).toBeLessThan(storm.addressBytesMax + 400)
    }
  })

  it('changes one address of one peer in every hundred connects, and shows by it which version it is', () => {
    const crowd = new Crowd(10)
    const versions = new Map(crowd.ids.map((id) => [id, 0]))
    for (let connects = 1; connects <= 1_000; connects++) {
      const { id, addresses, version, hasChanged, text } = crowd.next()
      expect(hasChanged).toBe(connects % 100 === 0)
      if (hasChanged) versions.set(id, (versions.get(id) ?? 0) + 1)
      expect(version).toBe(versions.get(id))
      expect(versionOf(addresses)).toBe(version)
      expect(JSON.parse(text)).toEqual(addresses)
    }
    expect(versionOf(['/ip4/1.2.3.4/tcp/4001'])).toBeUndefined()
  })
})
