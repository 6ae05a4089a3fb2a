import { multiaddr } from '@multiformats/multiaddr'
import { peerLimits } from '../limits.ts'
import type { PeerRefusal } from './types.ts'

/** The most useful first; a list too long loses its last. */
const reaches = ['public', 'relayed', 'private', 'local'] as const
type Reach = (typeof reaches)[number]

/**
 * What is kept of a list of addresses: those that are multiaddrs and do not name another peer, each once, at most 48 of them
 * and 8 KB together. Of more, the most useful are kept: those that can be reached from anywhere, then those behind a relay,
 * then those of private networks, then those of the machine itself; within each as the peer told them.
 *
 * @param refuse hears how many were left out, by reason.
 */
export function usefulAddresses(
  peer: string,
  addresses: readonly string[],
  refuse: (reason: PeerRefusal, count: number) => void,
): string[] {
  const found: Record<Reach, string[]> = { public: [], relayed: [], private: [], local: [] }
  const seen = new Set<string>()
  let characters = 0
  let looked = 0
  for (const address of addresses) {
    if (looked === peerLimits.addressesLookedAtMax || characters > peerLimits.charactersLookedAtMax) break
    looked++
    if (typeof address === 'string' && address.length > peerLimits.addressCharactersMax) {
      refuse('long-address', 1)
      continue
    }
    const read = readAddress(peer, address)
    if (read === undefined) refuse('bad-address', 1)
    else if (!seen.has(read.text)) {
      seen.add(read.text)
      found[read.reach].push(read.text)
    }
    characters += typeof address === 'string' ? address.length : 1
  }
  const kept = withinBounds(reaches.flatMap((reach) => found[reach]))
  const left = seen.size - kept.length + addresses.length - looked
  if (left > 0) refuse('too-many-addresses', left)
  return kept
}

function withinBounds(addresses: readonly string[]): string[] {
  const kept: string[] = []
  let characters = 0
  for (const address of addresses) {
    characters += address.length
    if (kept.length === peerLimits.addressesMax || characters > peerLimits.addressesCharactersMax) break
    kept.push(address)
  }
  return kept
}

/**
 * An id or a certificate's hash with more characters than any has. To read base58 takes the square of its length: a list full of
 * such would hold the thread for 30 ms.
 */
const longHash = new RegExp(`/(?:p2p|ipfs|certhash)/[^/]{${peerLimits.idCharactersMax + 1}}`)

function readAddress(
  peer: string,
  text: string,
): { readonly text: string; readonly reach: Reach } | undefined {
  if (typeof text === 'string' && longHash.test(text)) return undefined
  try {
    const address = multiaddr(text)
    const components = address.getComponents()
    if (components.length === 0 || address.bytes.length === 0) return undefined // bytes look at every value, the text does not
    const relayAt = components.findIndex(({ name }) => name === 'p2p-circuit')
    const named = components.slice(relayAt + 1).find(({ name }) => name === 'p2p')?.value
    if (named !== undefined && named !== peer) return undefined
    const [{ name, value = '' } = { name: '' }] = components
    return { text: address.toString(), reach: relayAt >= 0 ? 'relayed' : reachOf(name, value) }
  } catch {
    return undefined
  }
}

function reachOf(name: string, value: string): Reach {
  if (name === 'ip4') return reachOfIp4(value)
  if (name === 'ip6') return reachOfIp6(value.toLowerCase())
  if (name === 'unix' || name === 'memory' || name === 'ip6zone') return 'local'
  return value === 'localhost' || value.endsWith('.local') ? 'local' : 'public'
}

/** By IANA's registry of special-purpose addresses (RFC 6890). */
function reachOfIp4(value: string): Reach {
  const [first = 0, second = 0] = value.split('.').map(Number)
  if (first === 127 || first === 0 || (first === 169 && second === 254)) return 'local'
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128)
  return isPrivate ? 'private' : 'public'
}

function reachOfIp6(value: string): Reach {
  if (value === '::1' || value === '::' || /^fe[89ab]/.test(value)) return 'local'
  return /^f[cd]/.test(value) ? 'private' : 'public'
}
