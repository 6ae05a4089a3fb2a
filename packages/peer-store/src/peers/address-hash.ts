import { peerLimits } from '../limits.ts'

/**
 * A number that stands for a list of addresses in whatever order: two lists that differ have the same once in 2^53. It decides
 * whether a list is news, for each connect, so it looks at each character once and makes nothing. Not cryptographic: whoever
 * makes a collision keeps its own new addresses from being stored, and nobody else's.
 *
 * Looks at as much as the bounds allow; what lies beyond counts by its length.
 */
export function hashOfAddresses(addresses: readonly string[]): number {
  const { addressesLookedAtMax, charactersLookedAtMax, addressCharactersMax } = peerLimits
  const count = Math.min(addresses.length, addressesLookedAtMax)
  let left = addresses.length | 0
  let right = 0
  let characters = 0
  for (let index = 0; index < count; index++) {
    const address = addresses[index]
    if (typeof address !== 'string') continue
    const isLookedAt = address.length <= addressCharactersMax && characters <= charactersLookedAtMax
    const length = isLookedAt ? address.length : 0
    let high = 0x9e3779b9 ^ address.length
    let low = 0x41c6ce57 ^ address.length
    for (let at = 0; at < length; at++) {
      const code = address.charCodeAt(at)
      high = Math.imul(high ^ code, 0x85ebca6b)
      low = Math.imul(low ^ code, 0xc2b2ae35)
    }
    left = (left + Math.imul(high ^ (high >>> 15), 0x2c1b3c6d)) | 0
    right = (right + Math.imul(low ^ (low >>> 13), 0x297a2d39) + (high >>> 16)) | 0
    characters += length
  }
  return (left >>> 0) * 0x20_0000 + (right >>> 11)
}
