import { base58btc } from 'multiformats/bases/base58'
import { storm } from '../limits-peer-store.ts'
import { fractions } from './xorshift.ts'

const peerSeed = 11
const connectSeed = 13

/** What one connect tells of a peer. */
export interface Connect {
  readonly id: string
  /** Other objects than those of the peer's connect before, as if they came out of a message: who compares must look at them. */
  readonly addresses: readonly string[]
  /** The same as JSON, for who stores it so. */
  readonly text: string
  /** How often they have changed. */
  readonly version: number
  readonly hasChanged: boolean
}

interface Peer {
  readonly id: string
  readonly place: string
  readonly others: readonly string[]
  version: number
  text: string
  /** The same addresses several times over, in turn: decoding each connect's anew would fill the heap, and measure its collector. */
  copies: readonly (readonly string[])[]
  turn: number
}

/** Peers of a network as one of ours has had it, and how they connect: at random, with other addresses once in a hundred times. */
export class Crowd {
  readonly #peers: readonly Peer[]
  readonly #random = fractions(connectSeed)
  #connects = 0

  constructor(peers: number = storm.peers) {
    const random = fractions(peerSeed)
    this.#peers = Array.from({ length: peers }, (_, index) => makePeer(random, index))
  }

  get ids(): readonly string[] {
    return this.#peers.map(({ id }) => id)
  }

  /** Each peer once, as it is now. */
  everybody(): Connect[] {
    return this.#peers.map((peer) => connectOf(peer, false))
  }

  next(): Connect {
    const peer = this.#peers[Math.floor(this.#random() * this.#peers.length)] as Peer
    const hasChanged = ++this.#connects % storm.changedEvery === 0
    if (hasChanged) {
      peer.version++
      Object.assign(peer, toldBy(peer))
    }
    return connectOf(peer, hasChanged)
  }
}

/** Which version a list of addresses is of; undefined where it is none of a crowd's. */
export function versionOf(addresses: readonly string[]): number | undefined {
  const port = addresses
    .map((address) => markedAddress.exec(address)?.[1])
    .find((found) => found !== undefined)
  return port === undefined ? undefined : Number(port) - firstPort
}

/** A version shows as the port of the one address that has a port up there and is reached from anywhere. */
const firstPort = 20_000
const markedAddress = /^\/ip4\/[\d.]+\/udp\/([2-6]\d{4})\/quic-v1$/

function connectOf(peer: Peer, hasChanged: boolean): Connect {
  const { id, text, version, copies } = peer
  const addresses = copies[peer.turn++ % copies.length] ?? []
  return { id, addresses, text, version, hasChanged }
}

/** What it tells of itself at its version. */
function toldBy({
  place,
  version,
  others,
}: Pick<Peer, 'place' | 'version' | 'others'>): Pick<Peer, 'text' | 'copies'> {
  const text = JSON.stringify([`/ip4/${place}/udp/${firstPort + version}/quic-v1`, ...others])
  const copies = Array.from({ length: storm.copies }, () => JSON.parse(text) as string[])
  return { text, copies }
}

function makePeer(random: () => number, index: number): Peer {
  const others: string[] = []
  const isLarge = index % storm.largeEvery === storm.largeEvery - 1
  if (isLarge) {
    for (let made = 1; made < storm.largeAddresses; made++) others.push(longAddress(random))
  } else {
    const { addressBytesMin, addressBytesMax } = storm
    let left = addressBytesMin + random() * (addressBytesMax - addressBytesMin)
    for (let made = 0; left > 0; made++) {
      const address = (kinds[made % kinds.length] ?? relayed)(random)
      left -= address.length
      others.push(address)
    }
  }
  const peer = { id: peerId(random), place: publicIp(random), others, version: 0, turn: 0 }
  return { ...peer, ...toldBy(peer) }
}

const whole = (random: () => number, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1))

const bytes = (random: () => number, count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => whole(random, 0, 255)))

/** Of an Ed25519 key, which stands for itself: the identity hash of its protobuf. */
const peerId = (random: () => number): string =>
  base58btc.encode(Buffer.concat([Buffer.from('002408011220', 'hex'), bytes(random, 32)])).slice(1)

const publicIp = (random: () => number): string =>
  [whole(random, 20, 95), ...[0, 1, 2].map(() => whole(random, 1, 254))].join('.')

/** Below the ports that show a version. */
const port = (random: () => number): number => whole(random, 1_024, 19_999)

const certificate = (random: () => number): string =>
  `/certhash/u${Buffer.concat([Buffer.from('1220', 'hex'), bytes(random, 32)]).toString('base64url')}`

const direct = (random: () => number): string => `/ip4/${publicIp(random)}/tcp/${port(random)}`

const webTransport = (random: () => number): string =>
  `/ip4/${publicIp(random)}/udp/${port(random)}/quic-v1/webtransport${certificate(random)}${certificate(random)}`

const relayed = (random: () => number): string => `${direct(random)}/p2p/${peerId(random)}/p2p-circuit`

const kinds = [direct, webTransport, relayed]

/** Some 300 characters: 65 of them make the 19 KB of the worst that was met. */
function longAddress(random: () => number): string {
  const name = bytes(random, 26).toString('hex')
  const way = `/udp/${port(random)}/quic-v1/webtransport${certificate(random)}${certificate(random)}`
  return `/dns4/${name}.relay.example.net${way}/p2p/${peerId(random)}/p2p-circuit`
}
